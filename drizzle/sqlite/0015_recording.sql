DROP INDEX `calls_key`;--> statement-breakpoint
DROP INDEX `calls_customer`;--> statement-breakpoint
DROP INDEX `calls_opened`;--> statement-breakpoint
CREATE INDEX `calls_opened` ON `calls` (`opened_at_ms`,`customer`,`project`,`key_id`);--> statement-breakpoint
-- Settled calls are rolled up in the transaction that settles them (store/sums.ts): a group of calls writes each cell once.
DROP TRIGGER `calls_rolled_up`;--> statement-breakpoint
-- So a call must be settled once, or the transaction is none. FAIL, for ABORT would have SQLite keep what each statement changes.
CREATE TRIGGER `calls_settled_once` BEFORE UPDATE OF `settled_at_ms` ON `calls`
WHEN old.settled_at_ms IS NOT NULL
BEGIN
  SELECT RAISE(FAIL, 'constraint failed: a call is settled once');
END;
