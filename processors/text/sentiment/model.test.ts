import { describe, expect, it } from 'vitest';
import { LinearModel, softmax } from '../../../lib/linear.ts';
import { modelNamed } from '../../models.ts';
import { Tokens } from '../tokens.ts';
import { SentimentFeatures } from './features.ts';
import { classes, SentimentModel, type SentimentWeights } from './model.ts';

const loaded = modelNamed('sentiment');
const weights = loaded.arrays as unknown as SentimentWeights;
const texts = [
  'I love it, thank you so much!',
  "@ann this isn't goood at all :( see http://a.test 3 times #fail",
  'The plot was good, but the characters are dull. NOT great!!',
  'sooo good good good 😍😍',
  'Ελλάδα naïve don’t care',
  'x',
];

describe('SentimentModel', () => {
  it('gives what the weights give for the features that were trained on', () => {
    const bare = { ...loaded, arrays: { ...loaded.arrays, meaning_words: new Int32Array(0) } };
    const model = new SentimentModel(bare);
    const linear = new LinearModel({ ...weights, classes, dense: weights.tone });
    const features = new SentimentFeatures();
    const scores = new Float64Array(classes);
    const tokens = new Tokens();
    for (const text of [...texts, ...texts]) {
      linear.score(features.read(tokens.read(text)), scores);
      softmax(scores);
      model.read(tokens.read(text)).probabilities.forEach((probability, k) => {
        expect(probability).toBeCloseTo(scores[k]!, 4);
      });
    }
  });

  it('knows words by the company they keep', () => {
    const bare = new SentimentModel({ ...loaded, arrays: { ...loaded.arrays, meaning_words: new Int32Array(0) } });
    const tokens = new Tokens().read('a magnificent evening');
    const without = [...bare.read(tokens).probabilities];
    expect([...new SentimentModel(loaded).read(tokens).probabilities]).not.toEqual(without);
  });

  it('reads a part of a text as that part alone', () => {
    const model = new SentimentModel(loaded);
    const tokens = new Tokens().read('I hate this. I love that!');
    const second = tokens.sentence_start[1]!;
    const part = model.read(tokens, second).score;
    expect(part).toBeCloseTo(model.read(new Tokens().read('I love that!')).score, 12);
    expect(part).toBeGreaterThan(0.2);
  });

  it('gives probabilities, whatever the text', () => {
    const model = new SentimentModel(loaded);
    for (const text of ['', ' ', '...', '\ud800', 'a'.repeat(20_000), 'good '.repeat(5_000)]) {
      const { probabilities, score } = model.read(new Tokens().read(text));
      expect(probabilities.reduce((sum, each) => sum + each)).toBeCloseTo(1, 9);
      expect(Math.abs(score)).toBeLessThanOrEqual(1);
    }
  });
});
