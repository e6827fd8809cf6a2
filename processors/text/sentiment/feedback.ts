/** What an organisation's corrections change: a delta beside the shipped model. The caller keeps it, in a processor's state. */
import { softmax } from '../../../lib/linear.ts';
import { addDelta, type Delta, learn } from '../../../lib/linear-online.ts';
import type { Tokens } from '../tokens.ts';
import { SentimentFeatures } from './features.ts';
import { classes, type SentimentModel } from './model.ts';

const features = new SentimentFeatures();
const scores = new Float64Array(classes);

/** The delta after a correction: the text's tone is class `label`, 0 negative, 1 neutral, 2 positive. */
export function learnTone(model: SentimentModel, delta: Delta, tokens: Tokens, label: number): Delta {
  scoresOf(model, tokens);
  return learn(delta, features.read(tokens), scores, label);
}

/** The probabilities, negative, neutral, positive, by the model with the delta; valid until the next call. */
export function toneWith(model: SentimentModel, delta: Delta, tokens: Tokens): Float64Array {
  scoresOf(model, tokens);
  addDelta(delta, features.read(tokens), scores);
  softmax(scores);
  return scores;
}

/** Log-probabilities serve as scores: they differ from them by the same number in each class. */
function scoresOf(model: SentimentModel, tokens: Tokens): void {
  const { probabilities } = model.read(tokens);
  for (let k = 0; k < classes; k++) scores[k] = Math.log(probabilities[k]!);
}
