-- What people said that a model should have said of a mail.
CREATE TABLE feedback
(
    feedback_id String,
    organization_id LowCardinality(String),
    mailbox LowCardinality(String),
    owner_id LowCardinality(String),
    team_id LowCardinality(String),
    email_id String,
    model LowCardinality(String),
    label LowCardinality(String),
    said_by LowCardinality(String),
    said_at DateTime64(3, 'UTC'),
    kafka_topic_id LowCardinality(String),
    kafka_partition Int32,
    kafka_offset Int64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(said_at)
ORDER BY (organization_id, team_id, mailbox, said_at, feedback_id)
SETTINGS non_replicated_deduplication_window = 10000;
