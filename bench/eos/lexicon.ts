/**
 * Words with scores, looked up where they stand in a text: the hash of a word is made while looking for its end, and no word
 * is cut out. bench/peers does it alike, so that what is compared is the runtimes.
 */
export class Lexicon {
  readonly #words: string[];
  readonly #hashes: Int32Array;
  readonly #scores: Int32Array;
  readonly #mask: number;

  constructor(scores: ReadonlyMap<string, number>) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(1, scores.size) * 4));
    this.#mask = size - 1;
    this.#words = new Array<string>(size).fill('');
    this.#hashes = new Int32Array(size);
    this.#scores = new Int32Array(size);
    for (const [word, score] of scores) this.#add(word, score);
  }

  /** The sum over the words of a text, which single spaces part. */
  score(text: string): number {
    let sum = 0;
    let hash = 0;
    let start = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code !== space) {
        hash = (Math.imul(hash, 31) + code) | 0;
        continue;
      }
      sum += this.#of(text, start, i, hash);
      start = i + 1;
      hash = 0;
    }
    return sum + this.#of(text, start, text.length, hash);
  }

  #of(text: string, start: number, end: number, hash: number): number {
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const word = this.#words[slot] as string;
      if (word === '') return 0;
      if (this.#hashes[slot] === hash && text.startsWith(word, start) && word.length === end - start)
        return this.#scores[slot] as number;
    }
  }

  #add(word: string, score: number): void {
    let hash = 0;
    for (let i = 0; i < word.length; i++) hash = (Math.imul(hash, 31) + word.charCodeAt(i)) | 0;
    let slot = hash & this.#mask;
    while (this.#words[slot] !== '') slot = (slot + 1) & this.#mask;
    this.#words[slot] = word;
    this.#hashes[slot] = hash;
    this.#scores[slot] = score;
  }
}

const space = 32;
