CREATE TABLE `response_pieces` (
	`response_id` text NOT NULL,
	`nth` integer NOT NULL,
	`sealed` blob NOT NULL,
	PRIMARY KEY(`response_id`, `nth`),
	FOREIGN KEY (`response_id`) REFERENCES `responses`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `responses` (
	`id` text PRIMARY KEY NOT NULL,
	`customer` text NOT NULL,
	`key_id` text NOT NULL,
	`previous_id` text,
	`keeper` text,
	`length` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `responses_expires` ON `responses` (`expires_at_ms`);