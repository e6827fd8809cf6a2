/** How well the tone of texts nobody trained on, and of mails, is told. */
import { join } from 'node:path';
import { enrichMail } from '../../processors/mail/index.ts';
import { sentimentOf } from '../../processors/mail/sentiment.ts';
import type { Email } from '../../schemas/generated.ts';
import { filesIn, readCategorised, readTexts } from '../corpora.ts';
import { bootstrap } from '../draws.ts';
import type { Figure } from '../figure.ts';
import { aucOf, macroF1, type Scored } from '../measures.ts';
import { feedbackFigures } from './feedback.ts';

const ours = { domains: [], addresses: [] };

/** Emotional tones of the Berkeley Enron categories that count as positive and as negative. */
const positive_tones = ['4.1', '4.2', '4.3', '4.4', '4.5', '4.6', '4.7', '4.8', '4.14', '4.15'];
const negative_tones = ['4.11', '4.12', '4.16', '4.17', '4.18', '4.19'];

export const label_names: Readonly<Record<number, string>> = { [-1]: 'negative', 0: 'neutral', 1: 'positive' };

/** The training sets are left out: `millrace train sentiment` measures them out of fold. */
export const trained_on = ['semeval_train.jsonl.gz', 'vader_amazon.jsonl.gz'];

function* sentiment(data: string): Generator<Figure> {
  for (const file of filesIn(join(data, 'sentiment'), '.jsonl.gz')) {
    if (trained_on.includes(file)) continue;
    const judged = readTexts(join(data, 'sentiment', file)).map(({ text, label }) => ({
      label,
      judged: sentimentOf(text),
    }));
    const pairs = judged.map(each => [label_names[each.label] ?? '', each.judged.label] as const);
    const examples = judged.length;
    yield { what: 'sentiment', data: file, measure: 'macro-F1', value: macroF1(pairs), examples };
    if (judged.some(({ label }) => label === 0)) continue;
    const signs = judged.map(
      each => [label_names[each.label] ?? '', each.judged.score > 0 ? 'positive' : 'negative'] as const,
    );
    yield { what: 'sentiment, two classes', data: file, measure: 'macro-F1', value: macroF1(signs), examples };
  }
}

export interface TonedMail {
  readonly email: Email;
  readonly positive: boolean;
}

/** The mails that people found to be of one clear tone. */
export async function readToned(path: string): Promise<TonedMail[]> {
  const mails = await readCategorised(path);
  return mails.flatMap(({ email, categories }) => {
    const positive = positive_tones.some(tone => categories.has(tone));
    const negative = negative_tones.some(tone => categories.has(tone));
    return positive === negative ? [] : [{ email, positive }];
  });
}

async function* tone(data: string): AsyncGenerator<Figure> {
  const file = filesIn(join(data, 'mail'), '.tar.gz')[0];
  if (file === undefined) return;
  const mails = await readToned(join(data, 'mail', file));
  const scored = mails.map(({ email, positive }): Scored => [positive, enrichMail(email, ours).sentiment_score]);
  const figure = { what: 'tone of a mail', data: file, measure: 'AUC', examples: scored.length } as const;
  yield { ...figure, value: aucOf(scored), interval: bootstrap(scored, aucOf) };
}

export async function* sentimentFigures(data: string): AsyncGenerator<Figure> {
  for (const part of [sentiment, feedbackFigures, tone]) yield* part(data);
}
