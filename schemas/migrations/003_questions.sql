-- What docs/questions.md and the dashboards ask of the facts.

-- Who wrote each mail, by its headers, which say so for certain where a model guesses from words. A bounce carries the null
-- return path (RFC 3464, RFC 5321), an automatic answer says so (RFC 3834), a list names itself (RFC 2919, RFC 2369). Bodies
-- are not looked at: every dashboard asks this view, and they are most of the table.
CREATE VIEW mail_writers AS
SELECT
    email_id, organization_id, team_id, mailbox, owner_id, received_at, direction, category, thread_id, sender, subject,
    multiIf(
        headers['x-failed-recipients'] != '' OR match(headers['content-type'], '(?i)^multipart/report\\b.*delivery-status')
            OR match(sender, '^(mailer-daemon|postmaster)@') AND (is_automatic OR headers['return-path'] = '<>'), 'bounce',
        startsWith(auto_submitted, 'auto-replied') OR headers['x-autoreply'] != '' OR headers['x-autorespond'] != ''
            OR headers['return-path'] = '<>', 'auto_reply',
        is_automatic OR match(headers['content-type'], '(?i)^multipart/report\\b'), 'machine',
        headers['list-id'] != '' OR headers['list-unsubscribe'] != ''
            OR lower(trim(headers['precedence'])) IN ('bulk', 'list', 'junk'), 'list',
        match(subject, '(?i)^\\s*(re:\\s*)*unsubscribe\\b'), 'unsubscribe',
        'person') AS writer,
    lower(trim(headers['auto-submitted'])) AS auto_submitted,
    auto_submitted NOT IN ('', 'no') AS is_automatic
FROM messages;

-- One row each time it was our turn to answer in a thread: from the customer's first unanswered mail to our next one.
-- answered_at is null while the thread waits for us. What no person wrote neither asks nor answers, and neither does mail
-- that the category model takes for a machine's or for everybody's.
CREATE VIEW turns AS
SELECT
    organization_id, thread_id, turn,
    argMinIf(m.team_id, m.received_at, m.direction = 'inbound') AS team_id,
    argMinIf(m.mailbox, m.received_at, m.direction = 'inbound') AS mailbox,
    argMinIf(m.owner_id, m.received_at, m.direction = 'inbound') AS owner_id,
    argMinIf(m.category, m.received_at, m.direction = 'inbound') AS category,
    argMinIf(m.sender, m.received_at, m.direction = 'inbound') AS customer,
    argMinIf(m.email_id, m.received_at, m.direction = 'inbound') AS question_id,
    argMinIf(m.subject, m.received_at, m.direction = 'inbound') AS subject,
    minIf(m.received_at, m.direction = 'inbound') AS asked_at,
    if(countIf(m.direction = 'outbound') = 0, NULL, minIf(m.received_at, m.direction = 'outbound')) AS answered_at,
    if(countIf(m.direction = 'outbound') = 0, NULL, argMinIf(m.email_id, m.received_at, m.direction = 'outbound')) AS answer_id,
    if(countIf(m.direction = 'outbound') = 0, NULL, argMinIf(m.owner_id, m.received_at, m.direction = 'outbound')) AS answered_by,
    dateDiff('millisecond', asked_at, answered_at) / 1000 AS response_seconds
FROM
(
    SELECT
        *,
        countIf(direction = 'outbound') OVER
        (
            PARTITION BY organization_id, thread_id ORDER BY received_at, email_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS turn
    FROM mail_writers
    WHERE direction != 'internal' AND thread_id != '' AND writer = 'person' AND category NOT IN ('newsletter', 'notification', 'spam')
) AS m
GROUP BY organization_id, thread_id, turn
HAVING countIf(m.direction = 'inbound') > 0;

-- The same with the wait in business seconds, Monday to Friday from 9 to 17 on the clocks of `time_zone`, without the days in
-- `holidays`: business_turns(time_zone = 'Europe/Berlin', holidays = ['2026-12-25'], at = now64(3, 'UTC')). `at` is the moment asked
-- for: what came later is unknown to it. `clock` counts the business seconds from a Monday long ago to a moment; no clock is put
-- forward or back between 9 and 17, so the wall clock's difference within a day is the true one.
CREATE VIEW business_turns AS
WITH
    {time_zone:String} AS zone,
    arrayFilter(d -> toDayOfWeek(d) < 6, {holidays:Array(Date)}) AS free,
    (t -> toInt64(toDate(t, zone)) - 4) AS days_since_monday,
    (t -> greatest(0, least(28800, toHour(t, zone) * 3600 + toMinute(t, zone) * 60 + toSecond(t, zone) - 32400))) AS seconds_of_day,
    (t -> 28800 * (intDiv(days_since_monday(t), 7) * 5 + least(days_since_monday(t) % 7, 5) - arrayCount(d -> d < toDate(t, zone), free))
        + if(days_since_monday(t) % 7 < 5 AND NOT has(free, toDate(t, zone)), seconds_of_day(t), 0)) AS clock
SELECT
    organization_id, thread_id, turn, team_id, mailbox, owner_id, category, customer, question_id, subject,
    asked_at,
    if(t.answered_at <= {at:DateTime64(3, 'UTC')}, t.answered_at, NULL) AS answered_at,
    if(t.answered_at <= {at:DateTime64(3, 'UTC')}, t.answer_id, NULL) AS answer_id,
    if(t.answered_at <= {at:DateTime64(3, 'UTC')}, t.answered_by, NULL) AS answered_by,
    least(coalesce(t.answered_at, {at:DateTime64(3, 'UTC')}), {at:DateTime64(3, 'UTC')}) AS waited_until,
    dateDiff('millisecond', asked_at, waited_until) / 1000 AS waited_seconds,
    clock(waited_until) - clock(asked_at) AS business_seconds
FROM turns AS t
WHERE asked_at <= {at:DateTime64(3, 'UTC')};
