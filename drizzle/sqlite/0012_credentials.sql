CREATE TABLE `credential_versions` (
	`credential_id` text NOT NULL,
	`version` integer NOT NULL,
	`reference` text,
	`kek_id` text,
	`wrapped_key` blob,
	`sealed` blob,
	`fingerprint` text,
	`hint` text,
	`created_at_ms` integer NOT NULL,
	`retires_at_ms` integer,
	`destroyed_at_ms` integer,
	PRIMARY KEY(`credential_id`, `version`),
	FOREIGN KEY (`credential_id`) REFERENCES `credentials`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`kek_id`) REFERENCES `keyring`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `credential_versions_kek` ON `credential_versions` (`kek_id`);--> statement-breakpoint
CREATE INDEX `credential_versions_fingerprint` ON `credential_versions` (`fingerprint`);--> statement-breakpoint
CREATE TABLE `credentials` (
	`id` text PRIMARY KEY NOT NULL,
	`provider` text NOT NULL,
	`name` text NOT NULL,
	`customer` text,
	`enabled` integer NOT NULL,
	`weight` integer NOT NULL,
	`priority` integer NOT NULL,
	`models` text,
	`limits` text NOT NULL,
	`base_url` text,
	`variables` text NOT NULL,
	`labels` text NOT NULL,
	`fallback` integer NOT NULL,
	`fee_percent` text NOT NULL,
	`version` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`expires_at_ms` integer,
	`last_test` text
);
--> statement-breakpoint
CREATE INDEX `credentials_provider` ON `credentials` (`provider`,`customer`);--> statement-breakpoint
CREATE TABLE `keyring` (
	`id` text PRIMARY KEY NOT NULL,
	`wrapper` text NOT NULL,
	`wrapped` blob NOT NULL,
	`created_at_ms` integer NOT NULL
);
