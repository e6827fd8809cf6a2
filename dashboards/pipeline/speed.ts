/** How fast records go, how far behind anything is, and how much there is. */
import { rising, series, stat, table } from '../panels.ts';
import { scope } from '../variables.ts';

const ofOrganization = scope('organization');

export const latency = series({
  title: 'From read to stored',
  description:
    'Milliseconds from when a source’s record was ingested until its row could be queried: half were faster than p50, 99 in 100 faster than p99. A large import waits in Kafka, which shows here.',
  width: 12,
  unit: 'ms',
  interval: '10s',
  min: 0,
  empty: 'Nothing was stored in this time range',
  sql: `
    SELECT $__timeInterval(stored_at) AS time, quantile(0.5)(latency_ms) AS p50, quantile(0.99)(latency_ms) AS p99
    FROM
    (
      SELECT stored_at, dateDiff('millisecond', ingested_at, stored_at) AS latency_ms
      FROM messages WHERE $__timeFilter(stored_at) AND ${ofOrganization}
      UNION ALL
      SELECT stored_at, dateDiff('millisecond', ingested_at, stored_at)
      FROM interactions WHERE $__timeFilter(stored_at) AND ${ofOrganization}
    )
    GROUP BY time
    ORDER BY time`,
});

export const throughput = series({
  title: 'Records a minute by stage',
  description:
    'Records that passed each processor and each sink. A mail to several people is several records on their timelines.',
  width: 12,
  unit: 'short',
  interval: '10s',
  min: 0,
  label: 'stage',
  empty: 'Nothing was processed in this time range',
  sql: `
    SELECT $__timeInterval(at) AS time, stage, count() * 60 / $__interval_s AS records
    FROM trace FINAL
    WHERE $__timeFilter(at) AND ${ofOrganization}
    GROUP BY time, stage
    ORDER BY time, stage`,
});

export const stageTime = table({
  title: 'Time by stage',
  description:
    'Own: from the processor before it, waiting included. Since the first: from the first processor on. A sink runs beside the processors, so it has no own time here.',
  width: 12,
  height: 8,
  empty: 'Nothing was processed in this time range',
  columns: {
    records: { unit: 'short' },
    own_p50: { title: 'own p50', unit: 'ms' },
    own_p99: { title: 'own p99', unit: 'ms', thresholds: rising(1_000, 10_000) },
    since_first_p50: { title: 'since the first p50', unit: 'ms' },
    since_first_p99: { title: 'since the first p99', unit: 'ms', thresholds: rising(5_000, 60_000) },
  },
  sql: `
    SELECT
      stage, count() AS records,
      quantileOrNull(0.5)(own_ms) AS own_p50, quantileOrNull(0.99)(own_ms) AS own_p99,
      quantile(0.5)(since_first_ms) AS since_first_p50, quantile(0.99)(since_first_ms) AS since_first_p99
    FROM
    (
      SELECT
        stage,
        dateDiff('millisecond', min(at) OVER record, at) AS since_first_ms,
        if(is_sink OR processors_before = 0, NULL, dateDiff('millisecond', previous, at)) AS own_ms
      FROM
      (
        SELECT
          *, startsWith(stage, 'sink:') AS is_sink,
          countIf(NOT is_sink) OVER before AS processors_before, maxIf(at, NOT is_sink) OVER before AS previous
        FROM trace FINAL
        WHERE $__timeFilter(at) AND ${ofOrganization}
        WINDOW before AS (PARTITION BY organization_id, source, sequence ORDER BY at, stage ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
      )
      WINDOW record AS (PARTITION BY organization_id, source, sequence)
    )
    GROUP BY stage
    ORDER BY since_first_p50, stage`,
});

const newest = (table: string, column: string): string =>
  `SELECT '${table}' AS name, maxOrNull(${column}) AS newest FROM ${table} WHERE ${ofOrganization}`;

export const freshness = table({
  title: 'Freshness',
  description: 'When each table last got a row, as of now. Old is bad only where something should have come.',
  width: 12,
  height: 8,
  empty: 'No table',
  columns: {
    name: { title: 'table' },
    newest: { title: 'newest row', width: 200 },
    age: { unit: 's', thresholds: rising(3600, 86_400) },
  },
  sql: `
    SELECT name, newest, dateDiff('second', newest, now()) AS age
    FROM
    (
      ${[
        newest('messages', 'stored_at'),
        newest('interactions', 'stored_at'),
        newest('customers', 'updated_at'),
        newest('lead_scores', 'scored_at'),
        newest('duplicates', 'seen_at'),
        newest('dead_letters', 'failed_at'),
        newest('metric_windows', 'closed_at'),
        newest('trace', 'at'),
      ].join('\n      UNION ALL ')}
    )
    ORDER BY newest DESC, name`,
});

export const sizes = table({
  title: 'Tables',
  description:
    'Rows and bytes on disk of every table that may be read here. Many active parts mean many small inserts.',
  width: 12,
  height: 8,
  empty: 'No table may be read',
  columns: {
    name: { title: 'table' },
    rows: { unit: 'short' },
    bytes: { title: 'on disk', unit: 'bytes' },
    parts: { title: 'active parts', thresholds: rising(100, 1_000) },
  },
  // system.tables shows whoever asks what they may read; system.parts needs a grant of its own.
  sql: `
    SELECT name, total_rows AS rows, total_bytes AS bytes, active_parts AS parts
    FROM system.tables
    WHERE database = currentDatabase() AND total_rows IS NOT NULL
    ORDER BY bytes DESC, name`,
});

export const windowLag = stat({
  title: 'Metric windows',
  description:
    'Behind: how long ago the newest minute that is told ended; without live records no minute is told. Closing p99: from a minute’s end until it was told, in this time range, corrections left out.',
  width: 12,
  height: 8,
  unit: 's',
  empty: 'No live record yet',
  sql: `
    SELECT
      dateDiff('second', maxOrNull(start) + INTERVAL 1 MINUTE, now()) AS behind,
      quantileIfOrNull(0.99)(dateDiff('millisecond', start + INTERVAL 1 MINUTE, closed_at) / 1000, NOT corrected AND $__timeFilter(start)) AS \`closing p99\`
    FROM metric_windows
    WHERE ${ofOrganization}`,
});
