/** Phrases of several words, looked for in a text that is read already. */
import { HashIndex } from './hash-index.ts';
import { hashOf, kind, type Tokens } from './tokens.ts';

export class Phrases {
  /** The phrases that begin with each first word. */
  private readonly first: HashIndex;
  private readonly groups: readonly (readonly (readonly number[])[])[];

  /** Lower case, words apart by single spaces. Marks between the words of a text do not count. */
  constructor(phrases: readonly string[]) {
    const groups = new Map<number, number[][]>();
    for (const phrase of phrases) {
      const hashes = phrase.split(' ').map(hashOf);
      groups.set(hashes[0]!, [...(groups.get(hashes[0]!) ?? []), hashes]);
    }
    this.first = new HashIndex([...groups.keys()]);
    this.groups = [...groups.values()];
  }

  /** Where the first phrase among the tokens from `start` to before `end` begins; −1 where none does. */
  find(tokens: Tokens, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      if (tokens.kind[at] !== kind.word) continue;
      const group = this.first.get(tokens.hash[at]!);
      if (group >= 0 && this.groups[group]!.some(phrase => isAt(phrase, tokens, at, end))) return at;
    }
    return -1;
  }

  /** Whether the tokens begin with one of them. */
  begin(tokens: Tokens): boolean {
    return this.find(tokens, 0, Math.min(tokens.count, phrase_tokens_max)) === 0;
  }
}

const phrase_tokens_max = 16;

function isAt(phrase: readonly number[], tokens: Tokens, from: number, end: number): boolean {
  let at = from;
  for (const word of phrase) {
    while (at < end && at > from && tokens.kind[at] === kind.punctuation) at++;
    if (at >= end || tokens.hash[at] !== word) return false;
    at++;
  }
  return true;
}
