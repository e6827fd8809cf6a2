/** Numbers for hashes: a table with open addressing, one or two look-ups in memory a question, nothing allocated. */
export class HashIndex {
  private readonly keys: Int32Array;
  private readonly values: Int32Array;
  private readonly mask: number;

  /** `hashes` are 32-bit; of equal ones the first counts. The number of each is its place. */
  constructor(hashes: readonly number[]) {
    let size = 8;
    while (size < 4 * hashes.length) size *= 2;
    this.mask = size - 1;
    this.keys = new Int32Array(size);
    this.values = new Int32Array(size).fill(-1);
    hashes.forEach((hash, place) => {
      let at = this.firstOf(hash);
      while (this.values[at]! >= 0 && this.keys[at] !== (hash | 0)) at = (at + 1) & this.mask;
      if (this.values[at]! >= 0) return;
      this.keys[at] = hash;
      this.values[at] = place;
    });
  }

  /** The number of the hash, −1 where it has none. */
  get(hash: number): number {
    for (let at = this.firstOf(hash); ; at = (at + 1) & this.mask) {
      const value = this.values[at]!;
      if (value < 0 || this.keys[at] === hash) return value;
    }
  }

  private firstOf(hash: number): number {
    return (hash ^ (hash >>> 15)) & this.mask;
  }
}
