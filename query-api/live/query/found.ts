/** What a query has found, and how that differs from what it found before. Rows are a set: their order is not told. */

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Values in the order of the columns. */
  readonly rows: readonly Row[];
}

export type Row = readonly unknown[];

export interface Difference {
  readonly added: readonly Row[];
  readonly removed: readonly Row[];
  /** As they are now; of rows with a key alone. */
  readonly changed: readonly Row[];
}

/** Why what was found cannot be followed. */
export class QueryFault extends Error {}

export const found_limits = { rows_max: 1_000, chars_max: 262_144 };

interface Known {
  readonly row: Row;
  readonly text: string;
  /** Equal rows; one where they have a key. */
  count: number;
}

export class Found {
  readonly result: QueryResult;
  /** By its key, or else by the whole of it. */
  readonly #rows = new Map<string, Known>();

  /** Throws QueryFault where it is too much, or the key is none. */
  constructor(result: QueryResult, key?: readonly string[]) {
    this.result = result;
    const { rows_max, chars_max } = found_limits;
    if (result.rows.length > rows_max) throw new QueryFault(`more than ${rows_max} rows: ask for fewer`);
    const places = key?.map(name => placeOf(result, name));
    let chars = 0;
    for (const row of result.rows) {
      const text = JSON.stringify(row);
      chars += text.length;
      if (chars > chars_max) throw new QueryFault(`more than ${chars_max} characters: ask for fewer rows or columns`);
      this.#add(places === undefined ? text : JSON.stringify(places.map(place => row[place])), { row, text, count: 1 });
    }
    if (places !== undefined && this.#rows.size < result.rows.length) throw new QueryFault('several rows have one key');
  }

  /** Null where the columns are others. */
  since(before: Found): Difference | null {
    if (JSON.stringify(before.result.columns) !== JSON.stringify(this.result.columns)) return null;
    const changed = [...this.#rows].filter(([known_by, { text }]) => {
      const had = before.#rows.get(known_by);
      return had !== undefined && had.text !== text;
    });
    return {
      added: this.#moreThan(before),
      removed: before.#moreThan(this),
      changed: changed.map(([, { row }]) => row),
    };
  }

  #add(known_by: string, known: Known): void {
    const present = this.#rows.get(known_by);
    if (present === undefined) this.#rows.set(known_by, known);
    else present.count++;
  }

  /** Each as often as it is here and not there. */
  #moreThan(other: Found): Row[] {
    return [...this.#rows].flatMap(([known_by, { row, count }]) => {
      const more = count - (other.#rows.get(known_by)?.count ?? 0);
      return more > 0 ? Array.from({ length: more }, () => row) : [];
    });
  }
}

function placeOf({ columns }: QueryResult, name: string): number {
  const place = columns.findIndex(column => column.name === name);
  if (place === -1) throw new QueryFault(`the key's column ${name} is not among those found`);
  return place;
}
