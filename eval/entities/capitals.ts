/**
 * How often a word is written with a capital where none is needed, which tells names from other words: counted in unlabelled texts,
 * and for words too rare there foretold from their vectors by ridge regression.
 */
import { flag, kind, Tokens } from '../../processors/text/tokens.ts';
import type { Vectors } from './vectors.ts';

interface Counts {
  capitals: number;
  all: number;
}

/** By hash. Titles and shouting are left out, and so is the first word of a sentence. */
export function countCapitals(texts: Iterable<string>): Map<number, Counts> {
  const counts = new Map<number, Counts>();
  const tokens = new Tokens();
  for (const text of texts) {
    tokens.read(text);
    for (let sentence = 0; sentence < tokens.sentences; sentence++) {
      const words = wordsOf(tokens, tokens.sentence_start[sentence]!, tokens.sentence_start[sentence + 1]!);
      const capitals = words.filter(token => isCapital(tokens, token)).length;
      if (words.length < words_min || capitals * 2 > words.length) continue;
      for (const token of words.slice(1)) {
        const count = counts.get(tokens.hash[token]!) ?? { capitals: 0, all: 0 };
        count.all++;
        if (isCapital(tokens, token)) count.capitals++;
        counts.set(tokens.hash[token]!, count);
      }
    }
  }
  return counts;
}

const words_min = 4;

function wordsOf(tokens: Tokens, from: number, to: number): number[] {
  const words: number[] = [];
  for (let token = from; token < to; token++) if (tokens.kind[token] === kind.word) words.push(token);
  return words;
}

function isCapital(tokens: Tokens, token: number): boolean {
  return tokens.has(token, flag.capitalised | flag.all_capitals);
}

/** The log-odds of a capital, with a little of both added. */
function logOdds({ capitals, all }: Counts): number {
  return Math.log((capitals + 0.3) / (all - capitals + 0.3));
}

const thresholds = [-3, -2, -1, 0, 1, 2];
/** A foretold value counts as much as so many sightings. */
const foretold_weight = 4;
const ridge = 5;
const sightings_min = 2;
const weight_max = 20;

/** A grade from 1, hardly ever, to 7, always, for the words of `hashes`, whose first rows are those of the vectors; 0 where unknown. */
export function capitalGrades(hashes: Int32Array, counts: ReadonlyMap<number, Counts>, vectors: Vectors): Uint8Array {
  const { values, dimensions } = vectors;
  const known = vectors.hashes.length;
  const coefficients = regress(vectors, counts);
  return Uint8Array.from(hashes, (hash, row) => {
    const count = counts.get(hash);
    let value = count === undefined ? Number.NaN : logOdds(count);
    if (row < known) {
      let foretold = coefficients[dimensions]!;
      for (let d = 0; d < dimensions; d++) foretold += coefficients[d]! * values[row * dimensions + d]!;
      value =
        count === undefined
          ? foretold
          : (value * count.all + foretold * foretold_weight) / (count.all + foretold_weight);
    } else if (count === undefined || count.all < sightings_min) return 0;
    return 1 + thresholds.filter(threshold => value >= threshold).length;
  });
}

/** The coefficients of the vectors' dimensions, and a constant. */
function regress({ hashes, values, dimensions }: Vectors, counts: ReadonlyMap<number, Counts>): Float64Array {
  const size = dimensions + 1;
  const squares = new Float64Array(size * size);
  const sums = new Float64Array(size);
  const x = new Float64Array(size).fill(1);
  for (let row = 0; row < hashes.length; row++) {
    const count = counts.get(hashes[row]!);
    if (count === undefined || count.all < sightings_min) continue;
    const weight = Math.min(count.all, weight_max);
    for (let d = 0; d < dimensions; d++) x[d] = values[row * dimensions + d]!;
    for (let i = 0; i < size; i++) {
      sums[i]! += weight * x[i]! * logOdds(count);
      for (let j = 0; j < size; j++) squares[i * size + j]! += weight * x[i]! * x[j]!;
    }
  }
  for (let i = 0; i < size; i++) squares[i * size + i]! += ridge;
  return solve(squares, sums);
}

/** Gaussian elimination; the matrix is symmetric and positive definite, so no row need be exchanged. Both are changed. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  for (let i = 0; i < size; i++) {
    for (let row = i + 1; row < size; row++) {
      const factor = matrix[row * size + i]! / matrix[i * size + i]!;
      for (let j = i; j < size; j++) matrix[row * size + j]! -= factor * matrix[i * size + j]!;
      right[row]! -= factor * right[i]!;
    }
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let j = i + 1; j < size; j++) right[i]! -= matrix[i * size + j]! * right[j]!;
    right[i]! /= matrix[i * size + i]!;
  }
  return right;
}
