-- Dead letters that were replayed: each once, as a record with a number of its own in the source `replay`.

ALTER TABLE dead_letters ADD COLUMN original_key String DEFAULT '' AFTER offset;

CREATE TABLE replays
(
    dead_letter_id String,
    organization_id LowCardinality(String),
    mailbox LowCardinality(String),
    owner_id LowCardinality(String),
    team_id LowCardinality(String),
    original_sha256 String,
    replayed_sha256 String,
    replay_organization_id LowCardinality(String) COMMENT 'The record''s: bytes that could not be read said nothing of it',
    replay_sequence Int64,
    replayed_at DateTime64(3, 'UTC'),
    kafka_topic_id LowCardinality(String),
    kafka_partition Int32,
    kafka_offset Int64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(replayed_at)
ORDER BY (organization_id, dead_letter_id)
SETTINGS non_replicated_deduplication_window = 10000;

-- What became of each: the end of its record. in_flight is one that has not ended yet.
CREATE VIEW replayed_letters AS
SELECT
    r.organization_id AS organization_id, r.dead_letter_id AS dead_letter_id, r.replayed_at AS replayed_at,
    r.original_sha256 AS original_sha256, r.replayed_sha256 AS replayed_sha256,
    r.replay_organization_id AS replay_organization_id, r.replay_sequence AS replay_sequence,
    if(e.`end` = '', 'in_flight', e.`end`) AS `end`, e.record_id AS record_id
FROM replays AS r
LEFT JOIN
(
    SELECT organization_id, sequence, `end`, record_id FROM record_ends WHERE source = 'replay'
) AS e ON r.replay_organization_id = e.organization_id AND r.replay_sequence = e.sequence;
