/** From the cells of a table's row to features of a linear learner: each column in several representations, and pairs of columns. */
import { featureOf, hashPair, hashText } from './hash.ts';
import { RankSample } from './sample.ts';

/** A cell as the learners see it. */
export interface Cell {
  readonly text: string;
  /** NaN where the text is no number. */
  readonly number: number;
  /** Where the number stands among those before it, 0 to 1. */
  readonly rank: number;
}

/** Kinds of features. The squares of a kind's values sum to 1 in every row, however many columns there are, so that a learner can weigh kinds against each other for any table. */
export const kinds = ['category', 'bucket', 'exact', 'step', 'slope', 'pair', 'pair_fine', 'profile'] as const;
export type Kind = (typeof kinds)[number];

export interface TableRow {
  readonly cells: readonly Cell[];
  readonly ids: Int32Array;
  readonly values: Float32Array;
  /** Whose each feature is: `c` column c, `columns · (i + 1) + j` the pair of columns i < j, −1 none of them alone. */
  readonly terms: Int32Array;
  /** Where each of `kinds` ends in the arrays. */
  readonly ends: readonly number[];
}

/** Pairs are made of the first so many columns that vary: their number grows with the square. */
const paired_columns_max = 24;
const buckets_an_octave = [0.5, 1, 2, 4];
const steps = 16;
const pair_ranks = 5;
const cell_chars_max = 256;
/** A column of texts that are nearly all different names the row; pairs with it would be seen once each. */
const naming_share = 0.5;
const naming_rows_min = 200;
const distinct_max = 4096;

interface Column {
  readonly hash: number;
  readonly sample: RankSample;
  readonly texts: Set<number>;
  rows: number;
}

export class TableFeatures {
  readonly #columns: readonly Column[];

  constructor(names: readonly string[]) {
    this.#columns = names.map((name, at) => ({
      hash: hashPair(hashText(name), at),
      sample: new RankSample(at + 1),
      texts: new Set(),
      rows: 0,
    }));
  }

  /** What the row is, seen from the rows observed before it. */
  encode(texts: readonly string[]): TableRow {
    const cells = this.#columns.map(({ sample }, at) => cellOf(texts[at] ?? '', sample));
    const row = new Features();
    cells.forEach((cell, at) => {
      if (Number.isNaN(cell.number)) row.add(this.#hash(at, 'is', cell.text), 1, at);
    });
    row.end();
    this.#numbers(cells, row);
    this.#pairs(cells, row);
    return { cells, ...row.done() };
  }

  /** Lets the rows to come see this one's cells. */
  observe({ cells }: TableRow): void {
    cells.forEach(({ text, number }, at) => {
      const column = this.#columns[at] as Column;
      column.rows++;
      if (!Number.isNaN(number)) column.sample.add(number);
      if (column.texts.size < distinct_max) column.texts.add(hashText(text));
    });
  }

  #numbers(cells: readonly Cell[], row: Features): void {
    const numbers = cells.map((cell, at) => ({ ...cell, at })).filter(({ number }) => !Number.isNaN(number));
    for (const { number, at } of numbers) {
      for (const each of buckets_an_octave) row.add(this.#hash(at, `b${each}`, bucketOf(number, each)), 1, at);
    }
    row.end();
    for (const { text, at } of numbers) row.add(this.#hash(at, 'is', text), 1, at);
    row.end();
    for (const { rank, at } of numbers) {
      for (let step = 1; step < steps; step++) row.add(this.#hash(at, 'over', step), rank > step / steps ? 1 : -1, at);
    }
    row.end();
    for (const { rank, at } of numbers) {
      row.add(this.#hash(at, 'slope', 1), 2 * rank - 1, at);
      row.add(this.#hash(at, 'slope', 2), (2 * rank - 1) ** 2 - 1 / 3, at);
    }
    row.end();
  }

  #pairs(cells: readonly Cell[], row: Features): void {
    const chosen = cells.flatMap((cell, at) => (this.#pairs_with(cell, at) ? [at] : [])).slice(0, paired_columns_max);
    const coarse = chosen.map(at => this.#coarse(cells[at] as Cell, at, ({ number }) => bucketOf(number, 1)));
    const fine = chosen.map(at => this.#coarse(cells[at] as Cell, at, ({ rank }) => Math.floor(rank * pair_ranks)));
    for (const hashes of [coarse, fine]) {
      for (let i = 0; i < chosen.length; i++) {
        for (let j = i + 1; j < chosen.length; j++) {
          const term = cells.length * ((chosen[i] as number) + 1) + (chosen[j] as number);
          row.add(hashPair(hashes[i] as number, hashes[j] as number), 1, term);
        }
      }
      row.end();
    }
    const texts = chosen
      .filter(at => Number.isNaN(cells[at]?.number))
      .map(at => this.#hash(at, 'is', cells[at]?.text ?? ''));
    for (const hashes of [texts, fine]) row.add(hashes.reduce(hashPair, hashes === texts ? 1 : 2), 1, -1);
    row.end();
  }

  #pairs_with({ number }: Cell, at: number): boolean {
    const { rows, texts } = this.#columns[at] as Column;
    const names =
      Number.isNaN(number) && rows >= naming_rows_min && texts.size > Math.min(rows, distinct_max) * naming_share;
    return texts.size > 1 && !names;
  }

  #coarse(cell: Cell, at: number, of: (cell: Cell) => number): number {
    return Number.isNaN(cell.number) ? this.#hash(at, 'is', cell.text) : this.#hash(at, 'about', of(cell));
  }

  #hash(at: number, kind: string, value: string | number): number {
    return hashText(`${kind}\0${value}`, this.#columns[at]?.hash);
  }
}

function cellOf(raw: string, sample: RankSample): Cell {
  const text = raw.trim().slice(0, cell_chars_max);
  const number = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(number)
    ? { text, number, rank: sample.rank(number) }
    : { text, number: Number.NaN, rank: 0.5 };
}

/** Buckets whose width grows with the number, `an_octave` of them a doubling, on both sides of zero. */
export function bucketOf(number: number, an_octave: number): number {
  return number === 0 ? 0 : Math.sign(number) * (1 + Math.floor(an_octave * Math.log2(1 + Math.abs(number))));
}

/** Collects a row's features kind by kind. */
class Features {
  readonly #ids: number[] = [];
  readonly #values: number[] = [];
  readonly #terms: number[] = [];
  readonly #ends: number[] = [];

  add(hash: number, value: number, term: number): void {
    this.#ids.push(featureOf(hash));
    this.#values.push(value);
    this.#terms.push(term);
  }

  /** Ends the present kind. Its length is 1 at most: features of ranks add up to less, where a row's numbers say little. */
  end(): void {
    const start = this.#ends.at(-1) ?? 0;
    const scale = 1 / Math.sqrt(Math.max(1, this.#values.length - start));
    for (let at = start; at < this.#values.length; at++) this.#values[at] = (this.#values[at] as number) * scale;
    this.#ends.push(this.#ids.length);
  }

  done(): Omit<TableRow, 'cells'> {
    return {
      ids: Int32Array.from(this.#ids),
      values: Float32Array.from(this.#values),
      terms: Int32Array.from(this.#terms),
      ends: this.#ends,
    };
  }
}
