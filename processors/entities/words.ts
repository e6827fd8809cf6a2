/** What is known of words before any text is read: clusters of meaning, lists they are on, and how they weigh where they stand. */

/** Lists a word can be on; bits of `lists`. */
export const list = {
  first_name: 1,
  last_name: 2,
  place: 4,
  organisation: 8,
  people: 16,
  title: 32,
  calendar: 64,
  /** A part of a name of several words. */
  part: 128,
} as const;

export interface WordArrays {
  /** `hashOf` of each word. */
  readonly hashes: Int32Array;
  /** Coarse and fine clusters of the words' vectors, 0 where a word has none. */
  readonly coarse: Uint8Array;
  readonly middle: Uint8Array;
  readonly fine: Int16Array;
  readonly lists: Uint8Array;
  /** How often the word is written with a capital within sentences, 0 unknown, 1 hardly ever to 7 always. */
  readonly capitals: Uint8Array;
}

/** Finds a word's row by its hash. */
export class Words {
  readonly arrays: WordArrays;
  private readonly slots: Int32Array;
  private readonly mask: number;

  constructor(arrays: WordArrays) {
    this.arrays = arrays;
    const { hashes } = arrays;
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * hashes.length)));
    this.mask = capacity - 1;
    this.slots = new Int32Array(capacity).fill(-1);
    for (let row = 0; row < hashes.length; row++) {
      let at = this.first(hashes[row]!);
      while (this.slots[at]! >= 0) at = (at + 1) & this.mask;
      this.slots[at] = row;
    }
  }

  /** −1 where the word is unknown. */
  rowOf(hash: number): number {
    const { slots, mask } = this;
    const { hashes } = this.arrays;
    for (let at = this.first(hash); ; at = (at + 1) & mask) {
      const row = slots[at]!;
      if (row < 0 || hashes[row] === hash) return row;
    }
  }

  private first(hash: number): number {
    return (Math.imul(hash, 0x9e3779b1) >>> 7) & this.mask;
  }
}
