/** A query of Grafana's ClickHouse data source (grafana-clickhouse-datasource 4), which the Foundation SDK has no module for. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';

/** Provisioned under this uid (dashboards/provisioning), so that no dashboard asks for its data source. */
export const datasource: DataSourceRef & { uid: string } = {
  type: 'grafana-clickhouse-datasource',
  uid: 'millrace-clickhouse',
};

/** What the plugin's backend makes of the rows: series over time (long rows become one series a label), or a table. */
const formats = { timeseries: 0, table: 1 } as const;

export interface ClickHouseQuery extends Dataquery {
  readonly refId: string;
  readonly datasource: DataSourceRef;
  readonly editorType: 'sql';
  readonly rawSql: string;
  readonly format: (typeof formats)[QueryType];
  readonly queryType: QueryType;
}

export type QueryType = keyof typeof formats;

function query(queryType: QueryType, sql: string, refId: string): Builder<ClickHouseQuery> {
  const rawSql = withoutIndent(sql);
  const format = formats[queryType];
  return {
    build: () => ({
      refId,
      datasource,
      editorType: 'sql',
      rawSql,
      format,
      queryType,
      _implementsDataqueryVariant() {},
    }),
  };
}

/** Rows as they are. */
export const tableQuery = (sql: string, refId = 'A'): Builder<ClickHouseQuery> => query('table', sql, refId);

/**
 * Series over time: the first column is `time`, ascending; each number is a series, and each text column a label that splits
 * them.
 */
export const timeSeriesQuery = (sql: string, refId = 'A'): Builder<ClickHouseQuery> => query('timeseries', sql, refId);

/** As it is read in Grafana's editor: the indentation of the source file belongs to the source file. */
export function withoutIndent(sql: string): string {
  const lines = sql
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n');
  const indents = lines.filter(line => line.trim() !== '').map(line => /^ */.exec(line)?.[0].length ?? 0);
  const indent = Math.min(...indents);
  return lines.map(line => line.slice(indent)).join('\n');
}
