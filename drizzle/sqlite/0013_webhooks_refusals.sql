CREATE TABLE `key_networks` (
	`key_id` text NOT NULL,
	`network` text NOT NULL,
	`first_at_ms` integer NOT NULL,
	`last_at_ms` integer NOT NULL,
	PRIMARY KEY(`key_id`, `network`)
);
--> statement-breakpoint
CREATE INDEX `key_networks_last` ON `key_networks` (`last_at_ms`);--> statement-breakpoint
CREATE TABLE `refusals` (
	`key_id` text NOT NULL,
	`customer` text NOT NULL,
	`project` text NOT NULL,
	`hour_ms` integer NOT NULL,
	`code` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`key_id`, `hour_ms`, `code`)
);
--> statement-breakpoint
CREATE INDEX `refusals_hour` ON `refusals` (`hour_ms`);--> statement-breakpoint
CREATE TABLE `webhook_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`webhook_id` text NOT NULL,
	`event_id` text NOT NULL,
	`event_type` text NOT NULL,
	`body` text NOT NULL,
	`state` text NOT NULL,
	`tries` integer NOT NULL,
	`next_at_ms` integer,
	`last_status` integer,
	`last_reason` text,
	`last_tried_at_ms` integer,
	`created_at_ms` integer NOT NULL,
	FOREIGN KEY (`webhook_id`) REFERENCES `webhooks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `webhook_deliveries_due` ON `webhook_deliveries` (`next_at_ms`) WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX `webhook_deliveries_webhook` ON `webhook_deliveries` (`webhook_id`,`state`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_created` ON `webhook_deliveries` (`created_at_ms`);--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`url` text NOT NULL,
	`description` text NOT NULL,
	`events` text NOT NULL,
	`status` text NOT NULL,
	`disabled_reason` text,
	`sealed_secret` blob NOT NULL,
	`previous_secret` blob,
	`previous_until_ms` integer,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);
