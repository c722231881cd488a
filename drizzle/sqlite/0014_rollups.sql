CREATE TABLE `usage_daily` (
	`at_ms` integer NOT NULL,
	`customer` text NOT NULL,
	`project` text NOT NULL,
	`key_id` text NOT NULL,
	`model` text NOT NULL,
	`provider` text NOT NULL,
	`operation` text NOT NULL,
	`requests` integer NOT NULL,
	`failed_requests` integer NOT NULL,
	`input_tokens` integer NOT NULL,
	`cached_input_tokens` integer NOT NULL,
	`cache_write_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`reasoning_tokens` integer NOT NULL,
	`images` integer NOT NULL,
	`audio_ms` integer NOT NULL,
	`characters` integer NOT NULL,
	`queries` integer NOT NULL,
	`web_searches` integer NOT NULL,
	`cost_nanos` integer NOT NULL,
	`charged_nanos` integer NOT NULL,
	`prepaid_nanos` integer NOT NULL,
	`unpriced_requests` integer NOT NULL,
	`estimated_requests` integer NOT NULL,
	PRIMARY KEY(`at_ms`, `customer`, `project`, `key_id`, `model`, `provider`, `operation`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `usage_daily_customer` ON `usage_daily` (`customer`,`at_ms`);--> statement-breakpoint
CREATE INDEX `usage_daily_key` ON `usage_daily` (`key_id`,`at_ms`);--> statement-breakpoint
CREATE TABLE `usage_hourly` (
	`at_ms` integer NOT NULL,
	`customer` text NOT NULL,
	`project` text NOT NULL,
	`key_id` text NOT NULL,
	`model` text NOT NULL,
	`provider` text NOT NULL,
	`operation` text NOT NULL,
	`requests` integer NOT NULL,
	`failed_requests` integer NOT NULL,
	`input_tokens` integer NOT NULL,
	`cached_input_tokens` integer NOT NULL,
	`cache_write_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`reasoning_tokens` integer NOT NULL,
	`images` integer NOT NULL,
	`audio_ms` integer NOT NULL,
	`characters` integer NOT NULL,
	`queries` integer NOT NULL,
	`web_searches` integer NOT NULL,
	`cost_nanos` integer NOT NULL,
	`charged_nanos` integer NOT NULL,
	`prepaid_nanos` integer NOT NULL,
	`unpriced_requests` integer NOT NULL,
	`estimated_requests` integer NOT NULL,
	PRIMARY KEY(`at_ms`, `customer`, `project`, `key_id`, `model`, `provider`, `operation`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `calls` ADD `prepaid` integer;--> statement-breakpoint
UPDATE `calls` SET `prepaid` = true WHERE `id` IN (SELECT `id` FROM `ledger_entries` WHERE `kind` = 'charge');--> statement-breakpoint
-- Calls that are there already are rolled up after the start (store/rollups.ts); where there are none, nothing is to be done.
INSERT INTO `meta` (`name`, `value`) SELECT 'usage_rolled_from', '9007199254740991' WHERE EXISTS (SELECT 1 FROM `calls`);
