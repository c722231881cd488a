CREATE TABLE `admins` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`hint` text NOT NULL,
	`digest` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`revoked_at_ms` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `admins_digest_unique` ON `admins` (`digest`);--> statement-breakpoint
CREATE TABLE `calls` (
	`id` text PRIMARY KEY NOT NULL,
	`key_id` text NOT NULL,
	`customer` text NOT NULL,
	`project` text NOT NULL,
	`operation` text NOT NULL,
	`dialect` text NOT NULL,
	`requested_model` text NOT NULL,
	`stream` integer NOT NULL,
	`opened_at_ms` integer NOT NULL,
	`estimated_input_tokens` integer NOT NULL,
	`outcome` text,
	`http_status` integer,
	`error_code` text,
	`provider` text,
	`model` text,
	`canonical_model` text,
	`finish_reason` text,
	`input_tokens` integer,
	`cached_input_tokens` integer,
	`cache_write_tokens` integer,
	`cache_write_1h_tokens` integer,
	`input_audio_tokens` integer,
	`output_tokens` integer,
	`reasoning_tokens` integer,
	`output_audio_tokens` integer,
	`accepted_prediction_tokens` integer,
	`rejected_prediction_tokens` integer,
	`estimated` integer,
	`cost_nanos` integer,
	`attempts` text,
	`settled_at_ms` integer,
	`ttft_ms` real,
	`duration_ms` real
);
--> statement-breakpoint
CREATE INDEX `calls_opened` ON `calls` (`opened_at_ms`);--> statement-breakpoint
CREATE INDEX `calls_key` ON `calls` (`key_id`,`opened_at_ms`);--> statement-breakpoint
CREATE INDEX `calls_customer` ON `calls` (`customer`,`opened_at_ms`);--> statement-breakpoint
CREATE INDEX `calls_unsettled` ON `calls` (`opened_at_ms`) WHERE settled_at_ms is null;--> statement-breakpoint
CREATE TABLE `idempotency` (
	`scope` text NOT NULL,
	`key` text NOT NULL,
	`request_hash` text NOT NULL,
	`status` integer,
	`body` text,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`scope`, `key`)
);
--> statement-breakpoint
CREATE INDEX `idempotency_created` ON `idempotency` (`created_at_ms`);--> statement-breakpoint
CREATE TABLE `key_secrets` (
	`digest` text PRIMARY KEY NOT NULL,
	`key_id` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer,
	FOREIGN KEY (`key_id`) REFERENCES `keys`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `key_secrets_key` ON `key_secrets` (`key_id`);--> statement-breakpoint
CREATE TABLE `keys` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`customer` text NOT NULL,
	`project` text NOT NULL,
	`environment` text NOT NULL,
	`hint` text NOT NULL,
	`status` text NOT NULL,
	`metadata` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer,
	`revoked_at_ms` integer,
	`last_used_at_ms` integer,
	`changed_in_epoch` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `keys_customer` ON `keys` (`customer`,`project`);--> statement-breakpoint
CREATE INDEX `keys_changed` ON `keys` (`changed_in_epoch`);--> statement-breakpoint
CREATE TABLE `meta` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
