/** What the sentiment of an unseen kind of text gains by feedback: some texts are corrected, the others measured before and after. */
import { join } from 'node:path';
import { Corrector, correct, type LabelledExample } from '../../lib/correction.ts';
import { learningFeatures } from '../../processors/learning/features.ts';
import { logOf } from '../../processors/mail/learner.ts';
import { sentimentOf } from '../../processors/mail/sentiment.ts';
import { labels } from '../../schemas/labels.ts';
import { filesIn, readTexts } from '../corpora.ts';
import { shuffled } from '../draws.ts';
import type { Figure } from '../figure.ts';
import { macroF1 } from '../measures.ts';

const corrections = 500;
const draws = 3;
/** Of each draw, so that all numbers of corrections are measured on the same texts. */
const held_back = 1_000;

export function* feedbackFigures(data: string): Generator<Figure> {
  for (const file of filesIn(join(data, 'sentiment'), '.jsonl.gz').filter(name => name.startsWith('airline'))) {
    const examples = readTexts(join(data, 'sentiment', file)).map(({ text, label }) => exampleOf(text, label + 1));
    const f1s = Array.from({ length: draws }, (_, draw) => {
      const drawn = shuffled(examples, draw + 1);
      const corrector = new Corrector(correct(drawn.slice(0, corrections), labels.sentiment.length));
      return macroF1(drawn.slice(held_back).map(each => [nameOf(each.label), nameOf(likeliest(corrector, each))]));
    });
    const value = f1s.reduce((sum, each) => sum + each, 0) / draws;
    const what = `sentiment after ${corrections} corrections`;
    yield { what, data: file, measure: 'macro-F1', value, examples: examples.length - held_back };
  }
}

function exampleOf(text: string, label: number): LabelledExample {
  const { index, value, length } = learningFeatures({
    subject: '',
    text,
    quoted_text: '',
    from: { name: '', address: '' },
  });
  return {
    features: Array.from(index.subarray(0, length)),
    values: Array.from(value.subarray(0, length)),
    said: sentimentOf(text).probabilities.map(logOf),
    label,
  };
}

function likeliest(corrector: Corrector, { said, features, values }: LabelledExample): number {
  const scores = corrector.scores(said, features, values);
  return scores.indexOf(Math.max(...scores));
}

const nameOf = (label: number): string => labels.sentiment[label] ?? '';
