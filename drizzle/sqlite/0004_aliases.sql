CREATE TABLE `aliases` (
	`name` text PRIMARY KEY NOT NULL,
	`definition` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);
