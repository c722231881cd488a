CREATE TABLE `prompt_logs` (
	`id` text PRIMARY KEY NOT NULL,
	`customer` text NOT NULL,
	`project` text NOT NULL,
	`key_id` text NOT NULL,
	`operation` text NOT NULL,
	`model` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`sealed` blob NOT NULL
);
--> statement-breakpoint
CREATE INDEX `prompt_logs_expires` ON `prompt_logs` (`expires_at_ms`);--> statement-breakpoint
CREATE INDEX `prompt_logs_created` ON `prompt_logs` (`created_at_ms`);--> statement-breakpoint
CREATE INDEX `prompt_logs_project` ON `prompt_logs` (`customer`,`project`);--> statement-breakpoint
CREATE TABLE `rule_keys` (
	`key_id` text PRIMARY KEY NOT NULL,
	`rule_id` text NOT NULL,
	`expires_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `rule_keys_rule` ON `rule_keys` (`rule_id`,`expires_at_ms`);--> statement-breakpoint
CREATE TABLE `rules` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`issuer` text NOT NULL,
	`status` text NOT NULL,
	`terms` text NOT NULL,
	`policy` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`removed_at_ms` integer,
	`changed_in_epoch` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `rules_issuer` ON `rules` (`issuer`);--> statement-breakpoint
CREATE INDEX `rules_changed` ON `rules` (`changed_in_epoch`);--> statement-breakpoint
CREATE TABLE `spent_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`expires_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `spent_tokens_expires` ON `spent_tokens` (`expires_at_ms`);