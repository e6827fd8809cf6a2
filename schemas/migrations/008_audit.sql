-- Who did what. It says whose it is of nobody: administrators alone read it.
CREATE TABLE audit_events
(
    event_id String,
    organization_id LowCardinality(String),
    at DateTime64(3, 'UTC'),
    actor LowCardinality(String),
    action LowCardinality(String),
    object String,
    outcome LowCardinality(String),
    remote_address String,
    details String CODEC(ZSTD(1)),
    kafka_topic_id LowCardinality(String),
    kafka_partition Int32,
    kafka_offset Int64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (organization_id, at, event_id)
SETTINGS non_replicated_deduplication_window = 10000;
