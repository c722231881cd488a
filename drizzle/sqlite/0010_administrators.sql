CREATE TABLE `admin_challenges` (
	`digest` text PRIMARY KEY NOT NULL,
	`purpose` text NOT NULL,
	`sealed` blob NOT NULL,
	`expires_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `admin_challenges_expires` ON `admin_challenges` (`expires_at_ms`);--> statement-breakpoint
CREATE TABLE `admin_passkeys` (
	`id` text PRIMARY KEY NOT NULL,
	`admin_id` text NOT NULL,
	`name` text NOT NULL,
	`public_key` blob NOT NULL,
	`counter` integer NOT NULL,
	`transports` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`last_used_at_ms` integer
);
--> statement-breakpoint
CREATE INDEX `admin_passkeys_admin` ON `admin_passkeys` (`admin_id`);--> statement-breakpoint
CREATE TABLE `admin_recovery` (
	`admin_id` text NOT NULL,
	`digest` text NOT NULL,
	PRIMARY KEY(`admin_id`, `digest`)
);
--> statement-breakpoint
CREATE TABLE `admin_roles` (
	`name` text PRIMARY KEY NOT NULL,
	`description` text NOT NULL,
	`permissions` text NOT NULL,
	`scope` text,
	`second_factor` text,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `admin_sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`digest` text NOT NULL,
	`admin_id` text NOT NULL,
	`kind` text NOT NULL,
	`method` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`last_used_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`verified_at_ms` integer,
	`address` text,
	`user_agent` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `admin_sessions_digest_unique` ON `admin_sessions` (`digest`);--> statement-breakpoint
CREATE INDEX `admin_sessions_admin` ON `admin_sessions` (`admin_id`);--> statement-breakpoint
CREATE INDEX `admin_sessions_expires` ON `admin_sessions` (`expires_at_ms`);--> statement-breakpoint
CREATE TABLE `admin_totp` (
	`admin_id` text PRIMARY KEY NOT NULL,
	`sealed` blob NOT NULL,
	`created_at_ms` integer NOT NULL,
	`confirmed_at_ms` integer,
	`last_step` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `admins` ADD `scope` text;--> statement-breakpoint
ALTER TABLE `admins` ADD `old_digest` text;--> statement-breakpoint
ALTER TABLE `admins` ADD `old_expires_at_ms` integer;--> statement-breakpoint
ALTER TABLE `admins` ADD `status` text DEFAULT 'active' NOT NULL;--> statement-breakpoint
ALTER TABLE `admins` ADD `ip_allow` text;--> statement-breakpoint
ALTER TABLE `admins` ADD `ip_deny` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `admins` ADD `provider` text;--> statement-breakpoint
ALTER TABLE `admins` ADD `subject` text;--> statement-breakpoint
ALTER TABLE `admins` ADD `email` text;--> statement-breakpoint
ALTER TABLE `admins` ADD `created_by` text;--> statement-breakpoint
ALTER TABLE `admins` ADD `expires_at_ms` integer;--> statement-breakpoint
ALTER TABLE `admins` ADD `rotated_at_ms` integer;--> statement-breakpoint
ALTER TABLE `admins` ADD `last_used_at_ms` integer;--> statement-breakpoint
CREATE UNIQUE INDEX `admins_identity` ON `admins` (`provider`,`subject`) WHERE provider is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `admins_old_digest` ON `admins` (`old_digest`) WHERE old_digest is not null;