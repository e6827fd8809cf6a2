/** The few pieces that every query is made of. Text comes from this folder only; values travel as parameters. */

/** A condition and the parameters it names. */
export interface Clause {
  readonly sql: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The clauses that apply, joined; `conditions` may hold null where a filter was not given. */
export function where(conditions: readonly (Clause | null)[]): Clause {
  const given = conditions.filter(condition => condition !== null);
  return {
    sql: given.length === 0 ? '' : `WHERE ${given.map(({ sql }) => `(${sql})`).join(' AND ')}`,
    params: Object.assign({}, ...given.map(({ params }) => params)) as Record<string, unknown>,
  };
}

/** The clause where the value was given. `name` is both the parameter's name and its key. */
export function when(name: string, value: unknown, sql: string): Clause | null {
  return value === undefined || value === null ? null : { sql, params: { [name]: value } };
}

export const equals = (column: string, value: string | undefined): Clause | null =>
  when(column, value, `${column} = {${column}:String}`);

/** Milliseconds since 1970 as an instant; the parameter is an integer, so no text form or zone is ever guessed. */
export const instant = (parameter: string): string => `fromUnixTimestamp64Milli({${parameter}:Int64}, 'UTC')`;

/** Every word somewhere in the text, upper and lower case alike. */
export const contains = (text: string, words: readonly string[] | undefined): Clause | null =>
  when(
    'words',
    words,
    `arrayAll(at -> at > 0, multiSearchAllPositionsCaseInsensitiveUTF8(${text}, {words:Array(String)}))`,
  );

/** Times as ISO 8601 with their zone, at the end of every query that answers rows. */
export const iso_times = "SETTINGS date_time_output_format = 'iso'";
