CREATE TABLE `audit_dead_letters` (
	`exporter` text NOT NULL,
	`seq` integer NOT NULL,
	`at_ms` integer NOT NULL,
	`reason` text NOT NULL,
	PRIMARY KEY(`exporter`, `seq`)
);
--> statement-breakpoint
CREATE TABLE `audit_entries` (
	`seq` integer PRIMARY KEY NOT NULL,
	`body` text NOT NULL,
	`hash` text NOT NULL,
	`mac` text NOT NULL,
	`at` text GENERATED ALWAYS AS (case when json_valid(body) then json_extract(body, '$.at') end) VIRTUAL,
	`action` text GENERATED ALWAYS AS (case when json_valid(body) then json_extract(body, '$.action') end) VIRTUAL,
	`actor_id` text GENERATED ALWAYS AS (case when json_valid(body) then json_extract(body, '$.actor.id') end) VIRTUAL,
	`target_id` text GENERATED ALWAYS AS (case when json_valid(body) then json_extract(body, '$.target.id') end) VIRTUAL,
	`outcome` text GENERATED ALWAYS AS (case when json_valid(body) then json_extract(body, '$.outcome') end) VIRTUAL
);
--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit_entries` (`at`);--> statement-breakpoint
CREATE INDEX `audit_action` ON `audit_entries` (`action`);--> statement-breakpoint
CREATE INDEX `audit_actor` ON `audit_entries` (`actor_id`);--> statement-breakpoint
CREATE INDEX `audit_target` ON `audit_entries` (`target_id`);--> statement-breakpoint
CREATE TABLE `audit_exporters` (
	`name` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`delivered_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `audit_head` (
	`id` integer PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`hash` text NOT NULL,
	`mac` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `audit_intents` (
	`id` text PRIMARY KEY NOT NULL,
	`at_ms` integer NOT NULL,
	`event` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `audit_keys` (
	`id` integer PRIMARY KEY NOT NULL,
	`sealed` blob NOT NULL,
	`public_key` text NOT NULL
);
--> statement-breakpoint
CREATE TRIGGER `audit_entries_unchanged` BEFORE UPDATE ON `audit_entries` BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;--> statement-breakpoint
CREATE TRIGGER `audit_entries_kept` BEFORE DELETE ON `audit_entries` WHEN NOT EXISTS (SELECT 1 FROM `audit_entries` WHERE `action` = 'audit.cut' AND json_extract(`body`, '$.after.seq') >= OLD.`seq`) BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;--> statement-breakpoint
CREATE TRIGGER `audit_entries_in_order` BEFORE INSERT ON `audit_entries` WHEN NEW.`seq` <= (SELECT max(`seq`) FROM `audit_entries`) BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
