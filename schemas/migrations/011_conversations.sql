-- Threads with who waits for whom since when (docs/adr/0021-conversations.md). What ends by itself, when nothing comes, is not in a
-- row but in the view: a wait for the customer, which becomes a resolution, and a promise that is broken.

CREATE TABLE conversation_versions
(
    conversation_id String,
    organization_id LowCardinality(String),
    mailbox LowCardinality(String),
    owner_id LowCardinality(String),
    team_id LowCardinality(String),
    subject String,
    customer String,
    category LowCardinality(String),
    participants Int32,
    mails_in Int32,
    mails_out Int32,
    mails_internal Int32,
    mails_automatic Int32,
    first_at DateTime64(3, 'UTC'),
    last_at DateTime64(3, 'UTC'),
    last_in_at Nullable(DateTime64(3, 'UTC')),
    last_out_at Nullable(DateTime64(3, 'UTC')),
    last_waiting LowCardinality(String) COMMENT 'us, them or nobody, as of the last mail',
    last_waiting_since Nullable(DateTime64(3, 'UTC')),
    waiting_email_id String,
    asked_at Nullable(DateTime64(3, 'UTC')),
    first_response_at Nullable(DateTime64(3, 'UTC')),
    first_response_seconds Nullable(Float64),
    first_response_business_seconds Nullable(Float64),
    sla_target_minutes Nullable(Int32),
    sla_due_at Nullable(DateTime64(3, 'UTC')),
    answered_at Nullable(DateTime64(3, 'UTC')),
    resolves_at Nullable(DateTime64(3, 'UTC')),
    until_answer_seconds Nullable(Float64),
    until_answer_business_seconds Nullable(Float64),
    reopened Int32,
    sentiment_score Nullable(Float64),
    importance Int32,
    email_ids Array(String),
    version Int64,
    updated_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (organization_id, conversation_id)
SETTINGS non_replicated_deduplication_window = 10000;

-- A thread whose mails all turned out to be of another one has none left.
CREATE VIEW conversations AS
WITH now64(3, 'UTC') AS moment, toBool(v.resolves_at IS NOT NULL AND v.resolves_at <= moment) AS is_over
SELECT
    v.conversation_id AS conversation_id, v.organization_id AS organization_id, v.mailbox AS mailbox, v.owner_id AS owner_id,
    v.team_id AS team_id, v.subject AS subject, v.customer AS customer, v.category AS category, v.participants AS participants,
    v.mails_in AS mails_in, v.mails_out AS mails_out, v.mails_internal AS mails_internal, v.mails_automatic AS mails_automatic,
    v.first_at AS first_at, v.last_at AS last_at, v.last_in_at AS last_in_at, v.last_out_at AS last_out_at,
    if(is_over, 'nobody', toString(v.last_waiting)) AS waiting,
    if(is_over, NULL, v.last_waiting_since) AS waiting_since,
    if(is_over, '', v.waiting_email_id) AS waiting_email_id,
    v.asked_at AS asked_at, v.first_response_at AS first_response_at, v.first_response_seconds AS first_response_seconds,
    v.first_response_business_seconds AS first_response_business_seconds,
    v.sla_target_minutes AS sla_target_minutes, v.sla_due_at AS sla_due_at,
    toBool(v.sla_due_at IS NOT NULL AND v.sla_due_at < coalesce(v.first_response_at, moment)) AS sla_breached,
    v.answered_at AS answered_at, is_over AS resolved, if(is_over, v.answered_at, NULL) AS resolved_at,
    if(is_over, v.until_answer_seconds, NULL) AS resolution_seconds,
    if(is_over, v.until_answer_business_seconds, NULL) AS resolution_business_seconds,
    v.resolves_at AS resolves_at, v.reopened AS reopened, v.sentiment_score AS sentiment_score, v.importance AS importance,
    v.email_ids AS email_ids, v.version AS version, v.updated_at AS updated_at
FROM (SELECT * FROM conversation_versions FINAL) AS v
WHERE v.mails_in + v.mails_out > 0;

-- Those that wait on us, with how long by working hours of the viewer's own choice: business_waits(time_zone = 'Europe/Berlin',
-- holidays = ['2026-12-25'], at = now64(3, 'UTC')), Monday to Friday from 9 to 17, as business_turns (003_questions.sql) counts them.
CREATE VIEW business_waits AS
WITH
    {time_zone:String} AS zone,
    arrayFilter(d -> toDayOfWeek(d) < 6, {holidays:Array(Date)}) AS free,
    (t -> toInt64(toDate(t, zone)) - 4) AS days_since_monday,
    (t -> greatest(0, least(28800, toHour(t, zone) * 3600 + toMinute(t, zone) * 60 + toSecond(t, zone) - 32400))) AS seconds_of_day,
    (t -> 28800 * (intDiv(days_since_monday(t), 7) * 5 + least(days_since_monday(t) % 7, 5) - arrayCount(d -> d < toDate(t, zone), free))
        + if(days_since_monday(t) % 7 < 5 AND NOT has(free, toDate(t, zone)), seconds_of_day(t), 0)) AS clock
SELECT
    conversation_id, organization_id, mailbox, owner_id, team_id, subject, customer, category,
    assumeNotNull(c.waiting_since) AS asked_at, waiting_email_id AS question_id, sla_due_at, sla_breached,
    dateDiff('millisecond', asked_at, {at:DateTime64(3, 'UTC')}) / 1000 AS waited_seconds,
    clock({at:DateTime64(3, 'UTC')}) - clock(asked_at) AS business_seconds
FROM conversations AS c
WHERE c.waiting = 'us' AND c.waiting_since <= {at:DateTime64(3, 'UTC')};
