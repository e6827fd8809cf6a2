-- Who is erased. Every INSERT asks this table (sinks/erasure.ts), so that no range that is inserted again, and no record that is
-- replayed, brings their rows back.
CREATE TABLE erasures
(
    organization_id LowCardinality(String),
    person_id String,
    erased_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(erased_at)
ORDER BY (organization_id, person_id)
SETTINGS non_replicated_deduplication_window = 10000;

-- How the records of erased persons have ended: a number and nothing of what it was.
CREATE TABLE erased_records
(
    organization_id LowCardinality(String),
    source LowCardinality(String),
    sequence Int64,
    ingested_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(ingested_at)
ORDER BY (organization_id, source, sequence)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE OR REPLACE VIEW record_ends AS
SELECT organization_id, source, sequence, 'stored' AS `end`, email_id AS record_id, ingested_at FROM messages
UNION ALL
SELECT organization_id, source, sequence, 'stored', record_id, ingested_at FROM interactions WHERE kind IN ('crm', 'event')
UNION ALL
SELECT organization_id, source, sequence, 'duplicate', record_id, ingested_at FROM duplicates
UNION ALL
SELECT organization_id, source, sequence, 'dead_letter', dead_letter_id, ingested_at FROM dead_letters WHERE sequence > 0
UNION ALL
SELECT organization_id, source, sequence, 'erased', '', ingested_at FROM erased_records FINAL;
