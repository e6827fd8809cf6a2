/** Measures the mail models on labelled data: `millrace eval --data DIR`. See README.md for what DIR holds. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { enrichMail, enrichText } from '../processors/mail/index.ts';
import { labelOf, sentimentOf } from '../processors/mail/sentiment.ts';
import { readCategorised, readMbox, readTexts } from './corpora.ts';
import { entities } from './entities/run.ts';
import type { Figure } from './figure.ts';
import { auc, macroF1 } from './measures.ts';
import { mime } from './mime.ts';

const ours = { domains: [], addresses: [] };

/** Emotional tones of the Berkeley Enron categories that count as positive and as negative. */
const positive_tones = ['4.1', '4.2', '4.3', '4.4', '4.5', '4.6', '4.7', '4.8', '4.14', '4.15'];
const negative_tones = ['4.11', '4.12', '4.16', '4.17', '4.18', '4.19'];

/** Which of them each of our categories should tell from the rest. */
const enron_categories = { personal: ['1.2', '1.3'], scheduling: ['1.4'], recruiting: ['1.5'], legal: ['2.8', '3.10'] };

function* sentiment(data: string): Generator<Figure> {
  for (const file of filesIn(join(data, 'sentiment'), '.jsonl.gz')) {
    const texts = readTexts(join(data, 'sentiment', file));
    const pairs = texts.map(({ text, label }) => [labelOf(label), sentimentOf(text).label] as const);
    yield { what: 'sentiment', data: file, measure: 'macro-F1', value: macroF1(pairs), examples: pairs.length };
  }
}

/** The spam weights were fitted on the mails at even places, so only those at odd places are measured. */
async function* spam(data: string): AsyncGenerator<Figure> {
  const files = filesIn(join(data, 'mail'), '.mbox.gz');
  const scores = { spam: [] as number[], ham: [] as number[] };
  let flagged = 0;
  for (const file of files) {
    const kind = file.includes('spam') ? 'spam' : 'ham';
    const mails = await readMbox(join(data, 'mail', file));
    for (const email of mails.filter((_, at) => at % 2 === 1)) {
      const { category, category_scores } = enrichMail(email, ours);
      scores[kind].push(category_scores.spam ?? 0);
      if (kind === 'ham' && category === 'spam') flagged++;
    }
  }
  if (scores.spam.length === 0 || scores.ham.length === 0) return;
  const examples = scores.spam.length + scores.ham.length;
  yield { what: 'spam', data: files.join(' '), measure: 'AUC', value: auc(scores.spam, scores.ham), examples };
  const share = flagged / scores.ham.length;
  yield { what: 'ham called spam', data: files.join(' '), measure: 'share', value: share, examples: scores.ham.length };
}

async function* enron(data: string): AsyncGenerator<Figure> {
  const file = filesIn(join(data, 'mail'), '.tar.gz')[0];
  if (file === undefined) return;
  const mails = (await readCategorised(join(data, 'mail', file))).map(({ email, categories }) => ({
    categories,
    enriched: enrichMail(email, ours),
  }));
  for (const [category, theirs] of Object.entries(enron_categories)) {
    const scored = mails.map(({ categories, enriched }) => ({
      actual: theirs.some(each => categories.has(each)),
      score: enriched.category_scores[category] ?? 0,
    }));
    yield { what: `category ${category}`, data: file, measure: 'AUC', ...separation(scored) };
  }
  const toned = mails.flatMap(({ categories, enriched }) => {
    const positive = positive_tones.some(tone => categories.has(tone));
    const negative = negative_tones.some(tone => categories.has(tone));
    return positive === negative ? [] : [{ actual: positive, score: enriched.sentiment_score }];
  });
  yield { what: 'tone of a mail', data: file, measure: 'AUC', ...separation(toned) };
}

function separation(scored: readonly { actual: boolean; score: number }[]): { value: number; examples: number } {
  const scores = (actual: boolean): number[] => scored.filter(each => each.actual === actual).map(each => each.score);
  return { value: auc(scores(true), scores(false)), examples: scored.length };
}

/** Whether a sentence asks the reader for something: `Yes` or `No`, a tab, the sentence. */
function* requests(data: string): Generator<Figure> {
  for (const file of filesIn(join(data, 'intent'), '.tsv')) {
    const lines = readFileSync(join(data, 'intent', file), 'utf8')
      .trim()
      .split('\n');
    const pairs = lines.map(line => {
      const [label = '', ...text] = line.split('\t');
      const asks = enrichText(text.join(' ')).importance_reasons.some(({ feature }) => feature === 'asks');
      return [label, asks ? 'Yes' : 'No'] as const;
    });
    yield {
      what: 'asks for something',
      data: file,
      measure: 'macro-F1',
      value: macroF1(pairs),
      examples: pairs.length,
    };
  }
}

function filesIn(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter(name => name.endsWith(ending))
    .sort();
}

/** Every figure that the data allows; what is missing is left out. */
export async function* measure(data: string): AsyncGenerator<Figure> {
  for (const part of [sentiment, spam, enron, requests, entities, mime]) yield* part(data);
}
