import { describe, expect, it } from 'vitest';
import { Viterbi } from './crf.ts';
import { type CrfData, tokenScores, trainCrf } from './crf-train.ts';

const labels = 3;
const open = (from: number, to: number): boolean => to !== 2 || from > 0;

function* paths(length: number): Generator<number[]> {
  if (length === 0) yield [];
  else for (const path of paths(length - 1)) for (let label = 0; label < labels; label++) yield [...path, label];
}

describe('Viterbi', () => {
  it('finds the best of all allowed paths', () => {
    let seed = 1;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647 - 0.5;
    };
    for (let run = 0; run < 20; run++) {
      const transitions = Array.from({ length: 9 }, (_, at) =>
        open(Math.floor(at / 3), at % 3) ? random() : -Infinity,
      );
      const starts = [random(), random(), -Infinity];
      const scores = Array.from({ length: 15 }, random);
      const total = (path: readonly number[]): number =>
        path.reduce(
          (sum, label, at) =>
            sum + scores[at * 3 + label]! + (at === 0 ? starts[label]! : transitions[path[at - 1]! * 3 + label]!),
          0,
        );
      const best = [...paths(5)].reduce((a, b) => (total(b) > total(a) ? b : a));
      const found = new Uint8Array(5);
      new Viterbi(transitions, starts, 5).decode(scores, 5, found);
      expect([...found]).toEqual(best);
    }
  });
});

/** Feature 0: a small word, 1: a capital; the vector says the same once more. Capitals in a row are one name. */
function toy(texts: readonly (readonly number[])[]): CrfData {
  const tokens = texts.flat();
  const sequences = [0];
  for (const text of texts) sequences.push(sequences.at(-1)! + text.length);
  const gold = texts.flatMap(text => text.map((capital, at) => (capital === 0 ? 0 : text[at - 1] === 1 ? 2 : 1)));
  return {
    labels,
    sequences,
    gold: Uint8Array.from(gold),
    starts: Int32Array.from({ length: tokens.length + 1 }, (_, at) => at),
    features: Int32Array.from(tokens),
    features_max: 2,
    slots: 1,
    rows: Int32Array.from(tokens, capital => capital - 1),
    blocks: new Uint8Array(tokens.length),
    blocks_max: 1,
    vectors: Float32Array.from([1, -1]),
    dimensions: 2,
  };
}

describe('trainCrf', () => {
  it('learns what follows what', () => {
    const data = toy([
      [0, 1, 1, 0, 1],
      [1, 0, 0, 1, 1, 1],
      [0, 0, 1, 0],
    ]);
    const values: number[] = [];
    const weights = trainCrf(data, { features: 0.01, vectors: 0.01 }, open, 100, (_, value) => values.push(value));
    expect(values.at(-1)!).toBeLessThan(values[0]! / 2);
    const test = toy([[1, 1, 0, 1, 0, 0, 1, 1, 1]]);
    const scores = new Float64Array(9 * labels);
    for (let token = 0; token < 9; token++) tokenScores(test, weights, token, scores, token * labels);
    const transitions = weights.transitions.map((weight, at) =>
      open(Math.floor(at / 3), at % 3) ? weight : -Infinity,
    );
    const path = new Uint8Array(9);
    new Viterbi(transitions, [weights.starts[0]!, weights.starts[1]!, -Infinity], 9).decode(scores, 9, path);
    expect([...path]).toEqual([...test.gold]);
  });

  it('gives the same weights twice', () => {
    const trained = (): number[] => [
      ...trainCrf(toy([[0, 1, 1, 0, 1]]), { features: 0.1, vectors: 0.1 }, open, 20).features,
    ];
    expect(trained()).toEqual(trained());
  });
});
