/** Phrases of several words, looked for in a text that is read already. */
import { HashIndex } from './hash-index.ts';
import { kind, Tokens } from './tokens.ts';

export class Phrases {
  /** The phrases that begin with each first word. */
  private readonly first: HashIndex;
  private readonly groups: readonly (readonly (readonly number[])[])[];

  /** Neither case nor marks between words count; a phrase without a word is never found. */
  constructor(phrases: readonly string[]) {
    const groups = new Map<number, number[][]>();
    for (const phrase of phrases) {
      const hashes = wordsOf(reader.read(phrase));
      if (hashes.length === 0) continue;
      groups.set(hashes[0]!, [...(groups.get(hashes[0]!) ?? []), hashes]);
    }
    this.first = new HashIndex([...groups.keys()]);
    this.groups = [...groups.values()];
  }

  /** Where the first phrase among the tokens from `start` to before `end` begins; −1 where none does. */
  find(tokens: Tokens, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      if (tokens.kind[at] !== kind.punctuation && this.isAt(tokens, at, end)) return at;
    }
    return -1;
  }

  /** Whether one of them begins at the token and ends before `end`. */
  isAt(tokens: Tokens, token: number, end: number): boolean {
    const group = this.first.get(tokens.hash[token]!);
    return group >= 0 && this.groups[group]!.some(phrase => isAt(phrase, tokens, token, end));
  }

  /** Whether the tokens begin with one of them. */
  begin(tokens: Tokens): boolean {
    return this.find(tokens, 0, Math.min(tokens.count, phrase_tokens_max)) === 0;
  }
}

const phrase_tokens_max = 16;
const reader = new Tokens();

function wordsOf({ count, kind: kinds, hash }: Tokens): number[] {
  return Array.from({ length: count }, (_, at) => at)
    .filter(at => kinds[at] !== kind.punctuation && kinds[at] !== kind.paragraph)
    .map(at => hash[at]!);
}

function isAt(phrase: readonly number[], tokens: Tokens, from: number, end: number): boolean {
  let at = from;
  for (const word of phrase) {
    while (at < end && at > from && tokens.kind[at] === kind.punctuation) at++;
    if (at >= end || tokens.hash[at] !== word) return false;
    at++;
  }
  return true;
}
