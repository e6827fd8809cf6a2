/** How fast customers are answered, and who waits. A turn is one wait: the customer's first unanswered mail to our next. */
import { rising, series, stat, table, traceOf } from '../panels.ts';
import { mailScope } from '../variables.ts';

const hour_s = 3600;
/** Business hours of the viewer's choice. Public holidays are no part of a dashboard; docs/questions.md takes them. */
const businessTurns =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in.
  "business_turns(time_zone = ${time_zone:singlequote}, holidays = [], at = now64(3, 'UTC'))";

export const waitingNow = stat({
  title: 'Waiting on us',
  description:
    'Threads whose last word is a customer’s, written in this time range; and those that have waited over four business hours.',
  width: 6,
  thresholds: rising(1, 50),
  empty: 'Nobody waits',
  sql: `
    SELECT count() AS waiting, countIf(business_seconds > ${4 * hour_s}) AS \`over 4 business hours\`
    FROM ${businessTurns}
    WHERE answered_at IS NULL AND $__timeFilter(asked_at) AND ${mailScope}`,
});

export const responseNow = stat({
  title: 'Response time',
  description:
    'From a customer’s first unanswered mail to our answer, for answers in this time range; business hours only.',
  width: 6,
  unit: 's',
  thresholds: rising(4 * hour_s, 16 * hour_s),
  empty: 'No answer in this time range',
  sql: `
    SELECT quantileOrNull(0.5)(business_seconds) AS p50, quantileOrNull(0.9)(business_seconds) AS p90
    FROM ${businessTurns}
    WHERE $__timeFilter(answered_at) AND ${mailScope}`,
});

export const responseOverTime = series({
  title: 'Response time over time',
  description:
    'By when we answered, in business hours. Half of the answers were faster than p50, nine in ten faster than p90.',
  width: 12,
  unit: 's',
  interval: '1h',
  min: 0,
  empty: 'No answer in this time range',
  sql: `
    SELECT $__timeInterval(assumeNotNull(answered_at)) AS time, quantile(0.5)(business_seconds) AS p50, quantile(0.9)(business_seconds) AS p90
    FROM ${businessTurns}
    WHERE $__timeFilter(answered_at) AND ${mailScope}
    GROUP BY time
    ORDER BY time`,
});

export const responseByOwner = table({
  title: 'Response time by team and owner',
  description:
    'Of whoever answered, in this time range. Business hours for the percentiles; the longest wait is by the clock.',
  width: 12,
  height: 8,
  empty: 'No answer in this time range',
  columns: {
    team_id: { title: 'Team' },
    answered_by: { title: 'Owner' },
    answers: { title: 'Answers' },
    p50: { unit: 's', thresholds: rising(4 * hour_s, 16 * hour_s) },
    p90: { unit: 's', thresholds: rising(8 * hour_s, 24 * hour_s) },
    longest: { title: 'Longest by the clock', unit: 's' },
  },
  sql: `
    SELECT
      team_id, answered_by, count() AS answers,
      quantile(0.5)(business_seconds) AS p50, quantile(0.9)(business_seconds) AS p90, max(waited_seconds) AS longest
    FROM ${businessTurns}
    WHERE $__timeFilter(answered_at) AND ${mailScope}
    GROUP BY team_id, answered_by
    ORDER BY answers DESC, team_id, answered_by`,
});

export const waiting = table({
  title: 'Threads waiting on us',
  description:
    'Every thread whose last word is a customer’s, written in this time range, the longest wait first. Mail by machines and to everybody asks for no answer.',
  width: 24,
  empty: 'Nobody waits',
  columns: {
    asked_at: { title: 'Since', width: 170 },
    business_seconds: { title: 'Business hours', unit: 's', width: 130, thresholds: rising(hour_s, 4 * hour_s) },
    waited_seconds: { title: 'By the clock', unit: 's', width: 120 },
    owner_id: { title: 'Owner', width: 110 },
    team_id: { title: 'Team', width: 100 },
    mailbox: { title: 'Mailbox' },
    customer: { title: 'Customer' },
    subject: { title: 'Subject', link: traceOf('question_id') },
    category: { title: 'Category', width: 110 },
    question_id: { hidden: true },
  },
  sql: `
    SELECT
      asked_at, business_seconds, waited_seconds, owner_id, team_id, mailbox, customer, subject, category, question_id
    FROM ${businessTurns}
    WHERE answered_at IS NULL AND $__timeFilter(asked_at) AND ${mailScope}
    ORDER BY asked_at, question_id
    LIMIT 200`,
});
