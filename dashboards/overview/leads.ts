/** Who may buy, who moved, and which customers turned. */
import { type Column, colors, rising, series, stat, table, traceOf } from '../panels.ts';
import { peopleScope, scope } from '../variables.ts';

const score: Column = {
  title: 'Score',
  decimals: 0,
  width: 80,
  thresholds: [
    [null, colors.neutral],
    [40, colors.warning],
    [60, colors.good],
  ],
};

export const leadsNow = stat({
  title: 'Open leads by grade',
  description: 'People without an outcome, by grade, as of now. A is the best.',
  width: 12,
  empty: 'No lead yet',
  sql: `
    SELECT countIf(grade = 'A') AS A, countIf(grade = 'B') AS B, countIf(grade = 'C') AS C, countIf(grade IN ('D', 'E')) AS \`D to E\`
    FROM customers
    WHERE outcome IS NULL AND ${peopleScope}`,
});

export const topLeads = table({
  title: 'Top leads',
  description:
    'The best scores of people without an outcome, as of now, whatever the time range. Fit: whom we deal with; engagement: what was done; at 50 neither speaks for or against a sale. Why: what moved the score most, in points.',
  width: 24,
  height: 10,
  empty: 'No lead yet',
  columns: {
    lead: { title: 'Lead', width: 200 },
    account: { title: 'Account', width: 180 },
    grade: { title: 'Grade', width: 70 },
    score,
    fit: { title: 'Fit', decimals: 0, width: 60 },
    engagement: { title: 'Engagement', decimals: 0, width: 100 },
    confidence: { title: 'Confidence', unit: 'percentunit', decimals: 0, width: 100 },
    why: { title: 'Why' },
    stage: { title: 'Stage', width: 110 },
    amount: { title: 'Amount', unit: 'short', width: 90 },
    owner_id: { title: 'Owner', width: 90 },
    last_seen_at: { title: 'Last seen', width: 170 },
  },
  sql: `
    SELECT
      if(name = '', person_id, name) AS lead, account, grade, score, fit, engagement, confidence,
      arrayStringConcat(
        arrayMap(
          r -> concat(replaceAll(r.feature, '_', ' '), ' ', r.value, if(r.points < 0, ' −', ' +'), toString(round(abs(r.points)))),
          arraySlice(arraySort(r -> -abs(r.points), reasons), 1, 3)),
        ', ') AS why,
      stage, amount, owner_id, last_seen_at
    FROM customers
    WHERE outcome IS NULL AND ${peopleScope}
    ORDER BY score DESC, person_id
    LIMIT 20`,
});

/**
 * A change belongs to when its cause happened, or behaviour had grown so old: imported history is scored long after that. A decay is later
 * than its cause, the person's newest record.
 */
const movements = `
    FROM
    (
      SELECT
        coalesce(m.decayed_to, i.occurred_at) AS moved_at, m.organization_id AS organization_id, m.team_id AS team_id, m.mailbox AS mailbox,
        m.person_id AS person_id, m.version AS version, m.previous_grade AS previous_grade, m.grade AS grade,
        m.score - m.previous_score AS score_change, m.because AS because, i.kind AS kind, i.name AS name, i.record_id AS record_id
      FROM (SELECT interaction_id, occurred_at, kind, name, record_id FROM interactions WHERE occurred_at <= $__toTime) AS i
      INNER JOIN lead_movements AS m ON m.caused_by = i.interaction_id
    )
    WHERE $__timeFilter(moved_at) AND ${peopleScope}`;

export const movement = series({
  title: 'Leads that changed grade',
  description:
    'Changes to a better grade and to a worse one, by when what caused them happened, or when behaviour had grown so old.',
  width: 10,
  style: 'bars',
  interval: '1h',
  unit: 'short',
  empty: 'No lead changed its grade in this time range',
  sql: `
    SELECT $__timeInterval(moved_at) AS time, countIf(grade < previous_grade) AS up, countIf(grade > previous_grade) AS down${movements}
    GROUP BY time
    ORDER BY time`,
});

export const movementList = table({
  title: 'Latest changes of grade',
  description:
    'Each with what caused it: new behaviour, a new model, or decay where nothing was done since the cause that is named.',
  width: 14,
  height: 8,
  empty: 'No lead changed its grade in this time range',
  columns: {
    moved_at: { title: 'When', width: 170 },
    person_id: { title: 'Lead' },
    change: { title: 'Grade', width: 80 },
    score_change: { title: 'Score', width: 70 },
    because: { title: 'Because', width: 100 },
    cause: { title: 'Cause', link: traceOf('record_id') },
    record_id: { hidden: true },
  },
  sql: `
    SELECT
      moved_at, person_id, concat(previous_grade, ' → ', grade) AS change, score_change, because, concat(kind, ' ', name) AS cause,
      record_id${movements}
    ORDER BY moved_at DESC, version DESC, person_id
    LIMIT 100`,
});

export const turnedNegative = table({
  title: 'Accounts that turned negative',
  description:
    'Accounts whose mail was neutral or friendly on average in the first half of the time range and negative in the second, with the mail of the second half that weighed most. At least two mails in the first half; mail by machines and to everybody is left out.',
  width: 24,
  height: 8,
  empty: 'No account turned negative in this time range',
  columns: {
    account: { title: 'Account', width: 200 },
    amount: { title: 'Amount', unit: 'short', width: 100 },
    before: { title: 'Before', decimals: 2, width: 90 },
    after: { title: 'Now', decimals: 2, width: 90, thresholds: [[null, colors.negative]] },
    mails: { title: 'Mails now', width: 90 },
    worst: { title: 'Worst mail', link: traceOf('worst_id') },
    worst_id: { hidden: true },
  },
  sql: `
    SELECT
      coalesce(nullIf(c.account, ''), i.account) AS account, any(a.amount) AS amount,
      avgIf(i.sentiment_score, NOT late) AS before, avgIf(i.sentiment_score, late) AS after, countIf(late) AS mails,
      argMinIf(i.name, i.sentiment_score, late) AS worst, argMinIf(i.record_id, i.sentiment_score, late) AS worst_id
    FROM
    (
      SELECT *, occurred_at >= $__fromTime + intDiv(dateDiff('second', $__fromTime, $__toTime), 2) AS late
      FROM interactions
      WHERE kind = 'mail_in' AND category NOT IN ('newsletter', 'notification', 'spam') AND $__timeFilter(occurred_at) AND ${peopleScope}
    ) AS i
    LEFT JOIN customers AS c ON c.organization_id = i.organization_id AND c.person_id = i.person_id
    LEFT JOIN (SELECT organization_id, account, sum(amount) AS amount FROM customers GROUP BY organization_id, account) AS a
      ON a.organization_id = i.organization_id AND a.account = c.account
    GROUP BY i.organization_id, account
    HAVING countIf(NOT late) >= 2 AND mails >= 1 AND before > -0.05 AND after <= -0.05
    ORDER BY after, account
    LIMIT 50`,
});

export const completeness = stat({
  title: 'What became of the records',
  description:
    'Shares of what was read in this time range: duplicates and dead letters are rows of their own, and late ones are stored too. What has not ended yet is on the pipeline dashboard.',
  width: 12,
  unit: 'percentunit',
  decimals: 2,
  thresholds: rising(0.02, 0.1),
  empty: 'Nothing was read in this time range',
  sql: `
    SELECT
      countIf(\`end\` = 'duplicate') / count() AS duplicate, countIf(\`end\` = 'dead_letter') / count() AS \`dead letter\`,
      (SELECT count() FROM late_records WHERE $__timeFilter(ingested_at) AND ${scope('organization')}) / count() AS late
    FROM record_ends
    WHERE $__timeFilter(ingested_at) AND ${scope('organization')}
    HAVING count() > 0`,
});
