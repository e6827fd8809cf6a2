-- Numbers for dashboards. A rollup is a projection of the facts: it is stored in the facts' own parts, so it can neither
-- miss a row nor count one twice, whatever is killed when, and an erased row leaves it with the mutation that erases it.
-- A query that groups by the projection's expressions, or some of them, is answered from it.

ALTER TABLE interactions ADD COLUMN thread_id String DEFAULT '' AFTER record_id;

-- A row is found by its projection only after an erasure that rebuilds it; the default would refuse the DELETE.
ALTER TABLE messages MODIFY SETTING lightweight_mutation_projection_mode = 'rebuild';
ALTER TABLE interactions MODIFY SETTING lightweight_mutation_projection_mode = 'rebuild';

ALTER TABLE messages ADD PROJECTION by_hour
(
    SELECT
        organization_id, team_id, mailbox, owner_id, category, direction, sentiment, toStartOfHour(received_at),
        count(), sum(sentiment_score), sum(importance)
    GROUP BY organization_id, team_id, mailbox, owner_id, category, direction, sentiment, toStartOfHour(received_at)
);
ALTER TABLE interactions ADD PROJECTION by_hour
(
    SELECT
        organization_id, team_id, mailbox, owner_id, kind, name, toStartOfHour(occurred_at),
        count()
    GROUP BY organization_id, team_id, mailbox, owner_id, kind, name, toStartOfHour(occurred_at)
);
ALTER TABLE messages MATERIALIZE PROJECTION by_hour;
ALTER TABLE interactions MATERIALIZE PROJECTION by_hour;

-- What happened in a minute, as the stream saw it. History (origin = backfill) is in the facts alone.
CREATE TABLE metric_window_versions
(
    organization_id LowCardinality(String),
    mailbox LowCardinality(String),
    owner_id LowCardinality(String),
    team_id LowCardinality(String),
    category LowCardinality(String),
    start DateTime64(3, 'UTC'),
    mails_in Int32,
    mails_out Int32,
    mails_internal Int32,
    events Int32,
    negative Int32,
    sentiment_sum Float64,
    responses Int32,
    response_seconds_sum Float64,
    response_seconds_max Float64,
    leads_up Int32,
    leads_down Int32,
    corrected Bool,
    version Int32,
    closed_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(start)
ORDER BY (organization_id, team_id, owner_id, mailbox, category, start)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE VIEW metric_windows AS SELECT * FROM metric_window_versions FINAL;

-- Live records that were ingested after the minute they belong to had closed (10 s after its end): within an hour the
-- minute was told again, corrected; later it was not, and the facts alone have the record.
-- processors/window.ts has the same two limits.
CREATE VIEW late_records AS
SELECT
    organization_id, mailbox, owner_id, team_id, source, sequence, kind, record_id, at,
    toStartOfMinute(at) AS window_start, ingested_at,
    dateDiff('millisecond', toStartOfMinute(at) + INTERVAL 70 SECOND, ingested_at) / 1000 AS late_seconds,
    if(late_seconds <= 3600, 'corrected', 'missed') AS outcome
FROM
(
    SELECT organization_id, mailbox, owner_id, team_id, source, sequence, 'mail' AS kind, email_id AS record_id, received_at AS at, ingested_at
    FROM messages WHERE origin = 'live'
    UNION ALL
    SELECT organization_id, mailbox, owner_id, team_id, source, sequence, 'event', record_id, occurred_at, ingested_at
    FROM interactions WHERE origin = 'live' AND kind = 'event'
)
WHERE ingested_at >= toStartOfMinute(at) + INTERVAL 70 SECOND;

-- Every change of a lead's grade, and what caused it.
CREATE VIEW lead_movements AS
SELECT
    organization_id, team_id, mailbox, owner_id, person_id, scored_at, version, previous_grade, grade, previous_score, score,
    if(model_version != previous_model_version, 'model', 'behaviour') AS because, caused_by, model_version
FROM
(
    SELECT
        *,
        lagInFrame(grade) OVER person AS previous_grade,
        lagInFrame(score) OVER person AS previous_score,
        lagInFrame(model_version) OVER person AS previous_model_version
    FROM lead_scores
    WINDOW person AS (PARTITION BY organization_id, person_id ORDER BY version ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE previous_grade != '' AND previous_grade != grade;

CREATE OR REPLACE VIEW reconciliation AS
SELECT
    p.organization_id AS organization_id, p.source AS source, p.connector AS connector, p.done AS done, p.error AS error,
    p.sequence AS read, p.read_at AS read_at,
    coalesce(e.stored, 0) AS stored, coalesce(e.duplicate, 0) AS duplicate, coalesce(e.dead_letter, 0) AS dead_letter,
    coalesce(e.filtered, 0) AS filtered, coalesce(e.erased, 0) AS erased, coalesce(e.expired, 0) AS expired,
    toInt64(p.sequence) - toInt64(coalesce(e.distinct_ended, 0)) AS in_flight,
    coalesce(e.ended, 0) - coalesce(e.distinct_ended, 0) AS repeated,
    greatest(coalesce(e.last, 0) - p.sequence, 0) AS unread,
    coalesce(l.late, 0) AS late
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
) AS e ON p.organization_id = e.organization_id AND p.source = e.source
LEFT JOIN
(
    SELECT organization_id, source, count() AS late FROM late_records GROUP BY organization_id, source
) AS l ON p.organization_id = l.organization_id AND p.source = l.source;
