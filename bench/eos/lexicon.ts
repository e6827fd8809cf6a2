/**
 * Words with scores, looked up where they stand in a text: the hash of a word is made while looking for its end, and no word
 * is cut out. bench/peers does it alike, each in the way that is quick in its language, so that what is compared is the runtimes.
 */
export class Lexicon {
  readonly #mask: number;
  readonly #hashes: Int32Array;
  readonly #scores: Int32Array;
  /** Where each word's UTF-16 units lie in `#words`; a length of 0 is an empty slot. */
  readonly #starts: Int32Array;
  readonly #lengths: Int32Array;
  readonly #words: Uint16Array;
  /** The text that is scored, and a space behind it: units in memory are read faster than characters of a string. */
  #text = Buffer.alloc(0);
  #units = new Uint16Array(0);

  constructor(scores: ReadonlyMap<string, number>) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(1, scores.size) * 4));
    this.#mask = size - 1;
    this.#hashes = new Int32Array(size);
    this.#scores = new Int32Array(size);
    this.#starts = new Int32Array(size);
    this.#lengths = new Int32Array(size);
    this.#words = Uint16Array.from([...scores.keys()].join(''), unit => unit.charCodeAt(0));
    let start = 0;
    for (const [word, score] of scores) {
      this.#add(word, score, start);
      start += word.length;
    }
  }

  /** The sum over the words of a text, which single spaces part. */
  score(text: string): number {
    const units = this.#unitsOf(text);
    const lengths = this.#lengths;
    const hashes = this.#hashes;
    const mask = this.#mask;
    let sum = 0;
    let hash = 0;
    let start = 0;
    for (let end = 0; end <= text.length; end++) {
      const unit = units[end] as number;
      if (unit !== space) {
        hash = ((hash << 5) - hash + unit) | 0;
        continue;
      }
      const length = end - start;
      for (let slot = hash & mask; lengths[slot] !== 0; slot = (slot + 1) & mask) {
        if (hashes[slot] !== hash || lengths[slot] !== length || !this.#isAt(slot, units, start)) continue;
        sum += this.#scores[slot] as number;
        break;
      }
      start = end + 1;
      hash = 0;
    }
    return sum;
  }

  #unitsOf(text: string): Uint16Array {
    if (this.#units.length <= text.length) {
      this.#text = Buffer.allocUnsafeSlow((text.length + 1) * 4);
      this.#units = new Uint16Array(this.#text.buffer);
    }
    this.#text.write(text, 'utf16le');
    this.#units[text.length] = space;
    return this.#units;
  }

  #isAt(slot: number, units: Uint16Array, start: number): boolean {
    const word = this.#starts[slot] as number;
    for (let i = 0; i < (this.#lengths[slot] as number); i++) {
      if (this.#words[word + i] !== units[start + i]) return false;
    }
    return true;
  }

  #add(word: string, score: number, start: number): void {
    let hash = 0;
    for (let i = 0; i < word.length; i++) hash = (Math.imul(hash, 31) + word.charCodeAt(i)) | 0;
    let slot = hash & this.#mask;
    while (this.#lengths[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#hashes[slot] = hash;
    this.#scores[slot] = score;
    this.#starts[slot] = start;
    this.#lengths[slot] = word.length;
  }
}

const space = 32;
