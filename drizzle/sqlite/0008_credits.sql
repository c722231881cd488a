CREATE TABLE `ledger_entries` (
	`id` text PRIMARY KEY NOT NULL,
	`at_ms` integer NOT NULL,
	`customer` text NOT NULL,
	`kind` text NOT NULL,
	`amount_nanos` integer NOT NULL,
	`counter_account` text NOT NULL,
	`reason` text,
	`actor` text,
	`expires_at_ms` integer
);
--> statement-breakpoint
CREATE INDEX `ledger_customer` ON `ledger_entries` (`customer`,`at_ms`);--> statement-breakpoint
CREATE INDEX `ledger_grants` ON `ledger_entries` (`customer`) WHERE kind <> 'charge';--> statement-breakpoint
CREATE INDEX `ledger_expiring` ON `ledger_entries` (`expires_at_ms`) WHERE expires_at_ms is not null;--> statement-breakpoint
ALTER TABLE `calls` ADD `charged_nanos` integer;--> statement-breakpoint
ALTER TABLE `customers` ADD `prepaid` integer DEFAULT false NOT NULL;