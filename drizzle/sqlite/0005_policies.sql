CREATE TABLE `customers` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`status` text NOT NULL,
	`policy` text NOT NULL,
	`metadata` text NOT NULL,
	`price_percent` text DEFAULT '100' NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`changed_in_epoch` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `policy_templates` (
	`name` text PRIMARY KEY NOT NULL,
	`policy` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `projects` (
	`customer` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`status` text NOT NULL,
	`policy` text NOT NULL,
	`metadata` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`changed_in_epoch` integer NOT NULL,
	PRIMARY KEY(`customer`, `id`)
);
--> statement-breakpoint
ALTER TABLE `key_secrets` ADD `hint` text;--> statement-breakpoint
ALTER TABLE `key_secrets` ADD `last_used_at_ms` integer;--> statement-breakpoint
ALTER TABLE `keys` ADD `policy` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `keys` ADD `rotation` text;--> statement-breakpoint
ALTER TABLE `keys` ADD `idle_days` integer;--> statement-breakpoint
ALTER TABLE `keys` ADD `rotated_at_ms` integer;