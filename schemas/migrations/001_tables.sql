-- Ownership (organization_id, mailbox, owner_id, team_id) is in every table from the start: tenancy, object ownership and
-- row policies stand on it. Facts are append-only MergeTree; what changes is ReplacingMergeTree behind a FINAL view.
-- Partitions are months of ingestion, never of a date a sender chose: a hostile Date header must not make 1,000 parts.
-- A sort key begins with who may read and then what is looked up. (source, sequence) is what reconciliation counts;
-- (kafka_topic_id, kafka_partition, kafka_offset) says which record of which topic a row is, recreated namesakes apart.
-- non_replicated_deduplication_window is 0 unless set, and then a retried insert would store its rows twice.

CREATE TABLE messages
(
    email_id String,
    organization_id LowCardinality(String),
    mailbox LowCardinality(String),
    owner_id LowCardinality(String),
    team_id LowCardinality(String),
    message_id Nullable(String),
    thread_id String,
    in_reply_to Nullable(String),
    references Array(String),
    sender String,
    sender_name String,
    recipients Array(String),
    cc Array(String),
    sent_at Nullable(DateTime64(3, 'UTC')) COMMENT 'The Date header: data the sender chose',
    received_at DateTime64(3, 'UTC'),
    subject String,
    content String COMMENT 'The writer''s own words' CODEC(ZSTD(1)),
    quoted String CODEC(ZSTD(1)),
    headers Map(LowCardinality(String), String),
    attachments Array(Tuple(filename String, content_type String, size_bytes Int64, sha256 String)),
    original_sha256 String,
    original_size_bytes Int64,
    direction LowCardinality(String),
    sentiment LowCardinality(String),
    sentiment_score Float64,
    category LowCardinality(String),
    category_scores Map(LowCardinality(String), Float64),
    importance Int32,
    importance_reasons Array(Tuple(feature String, value String, log_odds Float64, points Float64, evidence_id String)),
    models Map(LowCardinality(String), String),
    source LowCardinality(String),
    sequence Int64,
    origin LowCardinality(String),
    ingested_at DateTime64(3, 'UTC'),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    kafka_topic_id LowCardinality(String),
    kafka_partition Int32,
    kafka_offset Int64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(ingested_at)
ORDER BY (organization_id, team_id, mailbox, received_at, email_id)
SETTINGS non_replicated_deduplication_window = 10000;

-- The API looks a mail up by its id; the sort key cannot serve that.
ALTER TABLE messages ADD INDEX email_id_index email_id TYPE bloom_filter(0.001) GRANULARITY 1;

CREATE TABLE deliveries
(
    email_id String,
    organization_id LowCardinality(String),
    mailbox LowCardinality(String),
    owner_id LowCardinality(String),
    team_id LowCardinality(String),
    received_at DateTime64(3, 'UTC'),
    source LowCardinality(String),
    sequence Int64,
    ingested_at DateTime64(3, 'UTC'),
    kafka_topic_id LowCardinality(String),
    kafka_partition Int32,
    kafka_offset Int64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(ingested_at)
ORDER BY (organization_id, team_id, mailbox, received_at, email_id)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE interactions
(
    interaction_id String,
    organization_id LowCardinality(String),
    mailbox LowCardinality(String),
    owner_id LowCardinality(String),
    team_id LowCardinality(String),
    person_id String,
    person_name String,
    account String,
    kind LowCardinality(String),
    name String,
    record_id String,
    occurred_at DateTime64(3, 'UTC'),
    sentiment_score Nullable(Float64),
    importance Nullable(Int32),
    category LowCardinality(Nullable(String)),
    stage LowCardinality(Nullable(String)),
    amount Nullable(Float64),
    outcome LowCardinality(Nullable(String)),
    data String CODEC(ZSTD(1)),
    source LowCardinality(String),
    sequence Int64,
    origin LowCardinality(String),
    ingested_at DateTime64(3, 'UTC'),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    kafka_topic_id LowCardinality(String),
    kafka_partition Int32,
    kafka_offset Int64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(ingested_at)
-- A timeline is read by person, so the person comes before the time.
ORDER BY (organization_id, team_id, person_id, occurred_at, interaction_id)
SETTINGS non_replicated_deduplication_window = 10000;

-- A customer's owner can change, so ownership is no part of the key: two rows of one person would both survive.
CREATE TABLE customer_versions
(
    person_id String,
    organization_id LowCardinality(String),
    mailbox LowCardinality(String),
    owner_id LowCardinality(String),
    team_id LowCardinality(String),
    name String,
    account String,
    first_seen_at DateTime64(3, 'UTC'),
    last_seen_at DateTime64(3, 'UTC'),
    mails_in Int32,
    mails_out Int32,
    crm_changes Int32,
    events Int32,
    sentiment_mean Nullable(Float64),
    stage LowCardinality(Nullable(String)),
    amount Nullable(Float64),
    outcome LowCardinality(Nullable(String)),
    score Int32,
    grade LowCardinality(String),
    log_odds Float64,
    bias Float64,
    confidence Float64,
    reasons Array(Tuple(feature String, value String, log_odds Float64, points Float64, evidence_id String)),
    model_version LowCardinality(String),
    version Int64,
    updated_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (organization_id, person_id)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE VIEW customers AS SELECT * FROM customer_versions FINAL;

CREATE TABLE lead_scores
(
    person_id String,
    organization_id LowCardinality(String),
    mailbox LowCardinality(String),
    owner_id LowCardinality(String),
    team_id LowCardinality(String),
    score Int32,
    grade LowCardinality(String),
    log_odds Float64,
    bias Float64,
    confidence Float64,
    reasons Array(Tuple(feature String, value String, log_odds Float64, points Float64, evidence_id String)),
    stage LowCardinality(Nullable(String)),
    outcome LowCardinality(Nullable(String)),
    model_version LowCardinality(String),
    version Int64,
    scored_at DateTime64(3, 'UTC'),
    caused_by String,
    source LowCardinality(String),
    sequence Int64,
    ingested_at DateTime64(3, 'UTC'),
    kafka_topic_id LowCardinality(String),
    kafka_partition Int32,
    kafka_offset Int64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(ingested_at)
ORDER BY (organization_id, team_id, person_id, scored_at, version)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE duplicates
(
    record_id String,
    organization_id LowCardinality(String),
    mailbox LowCardinality(String),
    owner_id LowCardinality(String),
    team_id LowCardinality(String),
    kind LowCardinality(String),
    first_source LowCardinality(String),
    first_sequence Int64,
    seen_at DateTime64(3, 'UTC'),
    source LowCardinality(String),
    sequence Int64,
    ingested_at DateTime64(3, 'UTC'),
    kafka_topic_id LowCardinality(String),
    kafka_partition Int32,
    kafka_offset Int64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(ingested_at)
ORDER BY (organization_id, source, sequence)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE dead_letters
(
    dead_letter_id String,
    organization_id LowCardinality(String),
    mailbox LowCardinality(String),
    owner_id LowCardinality(String),
    team_id LowCardinality(String),
    stage LowCardinality(String),
    cause LowCardinality(String),
    message String,
    original_sha256 String,
    original_size_bytes Int64,
    topic LowCardinality(Nullable(String)),
    partition Nullable(Int32),
    offset Nullable(Int64),
    failed_at DateTime64(3, 'UTC'),
    source LowCardinality(String),
    sequence Int64,
    ingested_at DateTime64(3, 'UTC'),
    kafka_topic_id LowCardinality(String),
    kafka_partition Int32,
    kafka_offset Int64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(ingested_at)
ORDER BY (organization_id, cause, source, sequence)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE source_positions
(
    organization_id LowCardinality(String),
    source String,
    connector LowCardinality(String),
    sequence Int64,
    position String,
    done Bool,
    error Nullable(String),
    read_at DateTime64(3, 'UTC'),
    kafka_offset Int64
)
-- The topic has one partition, so its offset orders the versions where two clocks or one millisecond would not.
ENGINE = ReplacingMergeTree(kafka_offset)
ORDER BY (organization_id, source)
SETTINGS non_replicated_deduplication_window = 10000;

-- The same hop arrives with every record that passed through it, so equal rows replace each other.
CREATE TABLE trace
(
    organization_id LowCardinality(String),
    source LowCardinality(String),
    sequence Int64,
    at DateTime64(3, 'UTC'),
    stage LowCardinality(String),
    version Int32,
    topic LowCardinality(String),
    partition Int32,
    offset Int64
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (organization_id, source, sequence, stage, topic, partition, offset)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE VIEW emails AS
SELECT
    email_id, organization_id, mailbox, owner_id, team_id, message_id, thread_id, sender, sender_name, recipients, cc,
    sent_at, received_at, subject, content, direction, sentiment, sentiment_score, category, importance,
    length(attachments) AS attachment_count, source, sequence, origin, ingested_at, stored_at
FROM messages;

-- How each record that a source read has ended. Exactly one row a sequence number is the claim that reconciliation checks.
-- `end` is stored, duplicate, dead_letter, filtered, erased or expired; the last three have no table yet.
-- A reader that waits for a fresh record bounds ingested_at: each part knows its range, so old parts are left out.
CREATE VIEW record_ends AS
SELECT organization_id, source, sequence, 'stored' AS `end`, email_id AS record_id, ingested_at FROM messages
UNION ALL
SELECT organization_id, source, sequence, 'stored', record_id, ingested_at FROM interactions WHERE kind IN ('crm', 'event')
UNION ALL
SELECT organization_id, source, sequence, 'duplicate', record_id, ingested_at FROM duplicates
UNION ALL
SELECT organization_id, source, sequence, 'dead_letter', dead_letter_id, ingested_at FROM dead_letters WHERE sequence > 0;

-- `repeated` counts sequence numbers that ended more than once; `unread` those beyond what the source says it read.
CREATE VIEW reconciliation AS
SELECT
    p.organization_id AS organization_id, p.source AS source, p.connector AS connector, p.done AS done, p.error AS error,
    p.sequence AS read, p.read_at AS read_at,
    coalesce(e.stored, 0) AS stored, coalesce(e.duplicate, 0) AS duplicate, coalesce(e.dead_letter, 0) AS dead_letter,
    coalesce(e.filtered, 0) AS filtered, coalesce(e.erased, 0) AS erased, coalesce(e.expired, 0) AS expired,
    toInt64(p.sequence) - toInt64(coalesce(e.distinct_ended, 0)) AS in_flight,
    coalesce(e.ended, 0) - coalesce(e.distinct_ended, 0) AS repeated,
    greatest(coalesce(e.last, 0) - p.sequence, 0) AS unread
FROM (SELECT * FROM source_positions FINAL) AS p
LEFT JOIN
(
    SELECT
        organization_id, source,
        countIf(`end` = 'stored') AS stored,
        countIf(`end` = 'duplicate') AS duplicate,
        countIf(`end` = 'dead_letter') AS dead_letter,
        countIf(`end` = 'filtered') AS filtered,
        countIf(`end` = 'erased') AS erased,
        countIf(`end` = 'expired') AS expired,
        count() AS ended, uniqExact(sequence) AS distinct_ended, max(sequence) AS last
    FROM record_ends
    GROUP BY organization_id, source
) AS e ON p.organization_id = e.organization_id AND p.source = e.source;
