ALTER TABLE `calls` ADD `images` integer;--> statement-breakpoint
ALTER TABLE `calls` ADD `audio_seconds` real;--> statement-breakpoint
ALTER TABLE `calls` ADD `characters` integer;--> statement-breakpoint
ALTER TABLE `calls` ADD `queries` integer;