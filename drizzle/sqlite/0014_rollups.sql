CREATE TABLE `usage_daily` (
	`at_ms` integer NOT NULL,
	`model` text NOT NULL,
	`provider` text NOT NULL,
	`operation` text NOT NULL,
	`customer` text NOT NULL,
	`project` text NOT NULL,
	`key_id` text NOT NULL,
	`requests` integer NOT NULL,
	`failed_requests` integer NOT NULL,
	`input_tokens` integer NOT NULL,
	`cached_input_tokens` integer NOT NULL,
	`cache_write_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`reasoning_tokens` integer NOT NULL,
	`images` integer NOT NULL,
	`audio_ms` integer NOT NULL,
	`characters` integer NOT NULL,
	`queries` integer NOT NULL,
	`web_searches` integer NOT NULL,
	`cost_nanos` integer NOT NULL,
	`charged_nanos` integer NOT NULL,
	`prepaid_nanos` integer NOT NULL,
	`unpriced_requests` integer NOT NULL,
	`estimated_requests` integer NOT NULL,
	PRIMARY KEY(`at_ms`, `model`, `provider`, `operation`, `customer`, `project`, `key_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `usage_daily_customer` ON `usage_daily` (`customer`,`at_ms`);--> statement-breakpoint
CREATE INDEX `usage_daily_key` ON `usage_daily` (`key_id`,`at_ms`);--> statement-breakpoint
CREATE TABLE `usage_hourly` (
	`at_ms` integer NOT NULL,
	`model` text NOT NULL,
	`provider` text NOT NULL,
	`operation` text NOT NULL,
	`customer` text NOT NULL,
	`project` text NOT NULL,
	`key_id` text NOT NULL,
	`requests` integer NOT NULL,
	`failed_requests` integer NOT NULL,
	`input_tokens` integer NOT NULL,
	`cached_input_tokens` integer NOT NULL,
	`cache_write_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`reasoning_tokens` integer NOT NULL,
	`images` integer NOT NULL,
	`audio_ms` integer NOT NULL,
	`characters` integer NOT NULL,
	`queries` integer NOT NULL,
	`web_searches` integer NOT NULL,
	`cost_nanos` integer NOT NULL,
	`charged_nanos` integer NOT NULL,
	`prepaid_nanos` integer NOT NULL,
	`unpriced_requests` integer NOT NULL,
	`estimated_requests` integer NOT NULL,
	PRIMARY KEY(`at_ms`, `model`, `provider`, `operation`, `customer`, `project`, `key_id`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `calls` ADD `prepaid` integer;--> statement-breakpoint
UPDATE `calls` SET `prepaid` = true WHERE `id` IN (SELECT `id` FROM `ledger_entries` WHERE `kind` = 'charge');--> statement-breakpoint
-- The settlement of a call adds it to its hour and its day, whoever writes it: as store/measures.ts says, which sums up calls too.
CREATE TRIGGER `calls_rolled_up` AFTER UPDATE OF `settled_at_ms` ON `calls`
WHEN old.settled_at_ms IS NULL AND new.settled_at_ms IS NOT NULL
BEGIN
  INSERT INTO usage_hourly (at_ms, model, provider, operation, customer, project, key_id, requests, failed_requests, input_tokens,
    cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, images, audio_ms, characters,
    queries, web_searches, cost_nanos, charged_nanos, prepaid_nanos, unpriced_requests, estimated_requests)
  SELECT
    opened_at_ms - opened_at_ms % 3600000,
    coalesce(canonical_model, model, ''),
    coalesce(provider, ''),
    operation,
    customer,
    project,
    key_id,
    1,
    outcome in ('failed', 'cut', 'interrupted'),
    coalesce(input_tokens, 0) + coalesce(cached_input_tokens, 0) + coalesce(cache_write_tokens, 0) + coalesce(cache_write_1h_tokens, 0) + coalesce(input_audio_tokens, 0),
    coalesce(cached_input_tokens, 0),
    coalesce(cache_write_tokens, 0) + coalesce(cache_write_1h_tokens, 0),
    coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0) + coalesce(output_audio_tokens, 0),
    coalesce(reasoning_tokens, 0),
    coalesce(images, 0),
    cast(round(coalesce(audio_seconds, 0) * 1000) as integer),
    coalesce(characters, 0),
    coalesce(queries, 0),
    coalesce(web_searches, 0),
    coalesce(cost_nanos, 0),
    coalesce(charged_nanos, cost_nanos, 0),
    case when prepaid then coalesce(charged_nanos, 0) else 0 end,
    cost_nanos is null and (provider is not null or input_tokens is not null),
    coalesce(estimated, 0)
  FROM calls WHERE rowid = new.rowid
  ON CONFLICT (at_ms, model, provider, operation, customer, project, key_id) DO UPDATE SET
    requests = requests + excluded.requests,
    failed_requests = failed_requests + excluded.failed_requests,
    input_tokens = input_tokens + excluded.input_tokens,
    cached_input_tokens = cached_input_tokens + excluded.cached_input_tokens,
    cache_write_tokens = cache_write_tokens + excluded.cache_write_tokens,
    output_tokens = output_tokens + excluded.output_tokens,
    reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens,
    images = images + excluded.images,
    audio_ms = audio_ms + excluded.audio_ms,
    characters = characters + excluded.characters,
    queries = queries + excluded.queries,
    web_searches = web_searches + excluded.web_searches,
    cost_nanos = cost_nanos + excluded.cost_nanos,
    charged_nanos = charged_nanos + excluded.charged_nanos,
    prepaid_nanos = prepaid_nanos + excluded.prepaid_nanos,
    unpriced_requests = unpriced_requests + excluded.unpriced_requests,
    estimated_requests = estimated_requests + excluded.estimated_requests;
  INSERT INTO usage_daily (at_ms, model, provider, operation, customer, project, key_id, requests, failed_requests, input_tokens,
    cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, images, audio_ms, characters,
    queries, web_searches, cost_nanos, charged_nanos, prepaid_nanos, unpriced_requests, estimated_requests)
  SELECT
    opened_at_ms - opened_at_ms % 86400000,
    coalesce(canonical_model, model, ''),
    coalesce(provider, ''),
    operation,
    customer,
    project,
    key_id,
    1,
    outcome in ('failed', 'cut', 'interrupted'),
    coalesce(input_tokens, 0) + coalesce(cached_input_tokens, 0) + coalesce(cache_write_tokens, 0) + coalesce(cache_write_1h_tokens, 0) + coalesce(input_audio_tokens, 0),
    coalesce(cached_input_tokens, 0),
    coalesce(cache_write_tokens, 0) + coalesce(cache_write_1h_tokens, 0),
    coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0) + coalesce(output_audio_tokens, 0),
    coalesce(reasoning_tokens, 0),
    coalesce(images, 0),
    cast(round(coalesce(audio_seconds, 0) * 1000) as integer),
    coalesce(characters, 0),
    coalesce(queries, 0),
    coalesce(web_searches, 0),
    coalesce(cost_nanos, 0),
    coalesce(charged_nanos, cost_nanos, 0),
    case when prepaid then coalesce(charged_nanos, 0) else 0 end,
    cost_nanos is null and (provider is not null or input_tokens is not null),
    coalesce(estimated, 0)
  FROM calls WHERE rowid = new.rowid
  ON CONFLICT (at_ms, model, provider, operation, customer, project, key_id) DO UPDATE SET
    requests = requests + excluded.requests,
    failed_requests = failed_requests + excluded.failed_requests,
    input_tokens = input_tokens + excluded.input_tokens,
    cached_input_tokens = cached_input_tokens + excluded.cached_input_tokens,
    cache_write_tokens = cache_write_tokens + excluded.cache_write_tokens,
    output_tokens = output_tokens + excluded.output_tokens,
    reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens,
    images = images + excluded.images,
    audio_ms = audio_ms + excluded.audio_ms,
    characters = characters + excluded.characters,
    queries = queries + excluded.queries,
    web_searches = web_searches + excluded.web_searches,
    cost_nanos = cost_nanos + excluded.cost_nanos,
    charged_nanos = charged_nanos + excluded.charged_nanos,
    prepaid_nanos = prepaid_nanos + excluded.prepaid_nanos,
    unpriced_requests = unpriced_requests + excluded.unpriced_requests,
    estimated_requests = estimated_requests + excluded.estimated_requests;
END;
--> statement-breakpoint
-- Calls that were settled before are rolled up after the start (store/rollups.ts), from the latest hour back.
INSERT INTO `meta` (`name`, `value`)
SELECT 'usage_rolled_from', (max(`opened_at_ms`) / 3600000 + 1) * 3600000 FROM `calls` HAVING count(*) > 0;
