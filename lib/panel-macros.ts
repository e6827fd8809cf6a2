/**
 * What Grafana and its ClickHouse data source make of a panel's SQL before the server sees it, for whoever runs a panel without
 * Grafana. The same order as theirs: first the conditions of variables, then the variables, then the time macros.
 *
 * | written                        | becomes                                                                        |
 * | ------------------------------ | ------------------------------------------------------------------------------ |
 * | `$__conditionalAll(cond, $v)`  | `cond`, or `1=1` where the variable says "All" or nothing                      |
 * | `${v:singlequote}`             | the variable's values, quoted, with commas between                             |
 * | `$__timeFilter(col)`           | `col >= toDateTime(from) AND col <= toDateTime(to)`, in seconds                |
 * | `$__timeFilter_ms(col)`        | the same in milliseconds                                                       |
 * | `$__fromTime`, `$__toTime`     | the ends of the time range, in seconds                                         |
 * | `$__timeInterval(col)`         | the start of the step that `col` lies in, in seconds                           |
 * | `$__timeInterval_ms(col)`      | the same in milliseconds                                                       |
 * | `$__interval_s`                | the step's length in seconds                                                   |
 *
 * Nothing else is known: an unknown macro or variable throws, where Grafana would send it to the server as it stands.
 */

export interface Range {
  readonly from_ms: number;
  readonly to_ms: number;
  /** The length of one step of a series. */
  readonly interval_ms: number;
}

/** A variable's values; `'all'` is its "All". */
export type Values = readonly string[] | 'all';

/** Throws where the SQL asks for a macro or a variable that there is not. */
export function expand(sql: string, range: Range, variables: ReadonlyMap<string, Values>): string {
  const expanded = times(fill(conditions(sql, variables), variables), range);
  const left = /\$__\w+|\$\{?\w+/.exec(expanded)?.[0];
  if (left !== undefined) throw new Error(`unknown macro or variable ${left}`);
  return expanded;
}

function conditions(sql: string, variables: ReadonlyMap<string, Values>): string {
  const name = '$__conditionalAll';
  const at = sql.lastIndexOf(`${name}(`);
  if (at < 0) return sql;
  const { args, end } = argumentsAt(sql, at + name.length);
  const [condition, variable] = args;
  if (condition === undefined || variable === undefined || args.length !== 2)
    throw new Error(`${name} takes two arguments`);
  const values = valuesOf(variable.trim().replace(/^\$\{?(\w+)\}?$/, '$1'), variables);
  const isAll = values === 'all' || values.join() === '';
  return conditions(`${sql.slice(0, at)}${isAll ? '1=1' : condition}${sql.slice(end)}`, variables);
}

/** The arguments between the parenthesis at `open` and its counterpart. Quotes are not read, as Grafana reads none. */
function argumentsAt(sql: string, open: number): { args: string[]; end: number } {
  const args: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < sql.length; at++) {
    const char = sql[at];
    if (char === '(') depth++;
    if (char === ')') depth--;
    if ((char === ',' && depth === 1) || depth === 0) {
      args.push(sql.slice(start, at));
      start = at + 1;
    }
    if (depth === 0) return { args, end: at + 1 };
  }
  throw new Error(`no closing parenthesis: ${sql.slice(open, open + 40)}`);
}

function fill(sql: string, variables: ReadonlyMap<string, Values>): string {
  return sql.replace(/\$\{(\w+):singlequote\}/g, (_, name: string) => {
    const values = valuesOf(name, variables);
    // Grafana would list every option; no panel asks for that outside a condition, which "All" has replaced.
    if (values === 'all') throw new Error(`\${${name}:singlequote} outside $__conditionalAll`);
    return values.map(value => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`).join(',');
  });
}

function valuesOf(name: string, variables: ReadonlyMap<string, Values>): Values {
  const values = variables.get(name);
  if (values === undefined) throw new Error(`unknown variable ${name}`);
  return values;
}

function times(sql: string, { from_ms, to_ms, interval_ms }: Range): string {
  const seconds = (ms: number): string => `toDateTime(${Math.floor(ms / 1000)})`;
  const millis = (ms: number): string => `fromUnixTimestamp64Milli(${ms})`;
  const between = (column: string, end: (ms: number) => string): string =>
    `${column} >= ${end(from_ms)} AND ${column} <= ${end(to_ms)}`;
  const step_s = Math.max(1, Math.floor(interval_ms / 1000));
  const macros: Readonly<Record<string, (argument: string) => string>> = {
    timeFilter: column => between(column, seconds),
    timeFilter_ms: column => between(column, millis),
    timeInterval: column => `toStartOfInterval(toDateTime(${column}), INTERVAL ${step_s} second)`,
    timeInterval_ms: column =>
      `toStartOfInterval(toDateTime64(${column}, 3), INTERVAL ${Math.max(1, interval_ms)} millisecond)`,
    fromTime: () => seconds(from_ms),
    toTime: () => seconds(to_ms),
    interval_s: () => String(step_s),
  };
  return sql.replace(
    /\$__(timeFilter|timeInterval)(_ms)?\(((?:[^()]|\([^()]*\))*)\)|\$__(fromTime|toTime|interval_s)\b/g,
    (...match) => {
      const [, name, unit = '', column = '', plain] = match as (string | undefined)[];
      return macros[plain ?? `${name}${unit}`]?.(column) ?? '';
    },
  );
}
