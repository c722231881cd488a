CREATE TABLE `models` (
	`id` text PRIMARY KEY NOT NULL,
	`declaration` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);
