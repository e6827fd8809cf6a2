/** Does everything that was read end as exactly one thing? And what did not go the usual way. */
import { bars, colors, rising, type Step, stat, table } from '../panels.ts';
import { scope } from '../variables.ts';

const ofOrganization = scope('organization');
const none: readonly Step[] = rising(1, 1);

export const totals = stat({
  title: 'Reconciliation',
  description: 'Of all time: read = stored + duplicate + dead letter + filtered + erased + expired + in flight.',
  width: 24,
  empty: 'No source yet',
  sql: `
    SELECT
      sum(r.read) AS read, sum(r.stored) AS stored, sum(r.duplicate) AS duplicate, sum(r.dead_letter) AS \`dead letter\`,
      sum(r.in_flight) AS \`in flight\`, sum(r.repeated) AS repeated, sum(r.unread) AS unread, sum(r.late) AS late
    FROM reconciliation AS r
    WHERE ${ofOrganization}
    HAVING count() > 0`,
});

export const bySource = table({
  title: 'Reconciliation by source',
  description:
    'In flight falls to 0 when a source is quiet. Repeated (a record that ended twice) and unread (one that the source does not know) are 0, always: anything else is a defect.',
  width: 24,
  empty: 'No source yet',
  columns: {
    in_flight: { title: 'in flight', thresholds: rising(1, 10_000) },
    repeated: { thresholds: none },
    unread: { thresholds: none },
    dead_letter: { title: 'dead letter', thresholds: rising(1, 100) },
    late: { thresholds: rising(1, 1_000) },
    read_at: { title: 'read at', width: 170 },
    error: { thresholds: [[null, colors.bad]] },
  },
  sql: `
    SELECT
      organization_id, source, connector, read, stored, duplicate, dead_letter, filtered, erased, expired, in_flight, repeated,
      unread, late, done, read_at, coalesce(error, '') AS error
    FROM reconciliation
    WHERE ${ofOrganization}
    ORDER BY in_flight DESC, organization_id, source
    LIMIT 500`,
});

export const deadLetterCauses = bars({
  title: 'Dead letters by cause',
  description: 'Records that could not be read or processed, by when that was. Their bytes are kept.',
  width: 8,
  color: colors.dead_letter,
  empty: 'No dead letter in this time range',
  sql: `
    SELECT concat(stage, ': ', cause) AS cause, count() AS records
    FROM dead_letters
    WHERE $__timeFilter(failed_at) AND ${ofOrganization}
    GROUP BY stage, dead_letters.cause
    ORDER BY records DESC, cause`,
});

export const deadLetters = table({
  title: 'Dead letters',
  description: 'The newest first.',
  width: 16,
  height: 8,
  empty: 'No dead letter in this time range',
  columns: {
    failed_at: { title: 'when', width: 170 },
    stage: { width: 110 },
    cause: { width: 130 },
    original_size_bytes: { title: 'size', unit: 'bytes', width: 80 },
  },
  sql: `
    SELECT failed_at, stage, cause, message, source, sequence, original_size_bytes
    FROM dead_letters
    WHERE $__timeFilter(failed_at) AND ${ofOrganization}
    ORDER BY failed_at DESC, dead_letter_id
    LIMIT 200`,
});

export const late = table({
  title: 'Late records',
  description:
    'Live records that came after the minute they belong to had closed. Corrected: that minute was told again. Missed: too late for that, and the tables alone have the record.',
  width: 24,
  height: 8,
  empty: 'Nothing was late in this time range',
  columns: {
    at: { title: 'belongs to', width: 170 },
    ingested_at: { title: 'came', width: 170 },
    late_seconds: { title: 'late by', unit: 's', thresholds: rising(60, 3600) },
  },
  sql: `
    SELECT ingested_at, at, late_seconds, outcome, kind, organization_id, mailbox, source, sequence
    FROM late_records
    WHERE $__timeFilter(ingested_at) AND ${ofOrganization}
    ORDER BY ingested_at DESC, source, sequence
    LIMIT 200`,
});
