/** What the mail models are worth on labelled data; trained ones are measured by models that have not seen the rows. */
import { join } from 'node:path';
import { enrichMail } from '../../processors/mail/index.ts';
import { type CategorisedMail, filesIn, readCategorised } from '../corpora.ts';
import type { Figure } from '../figure.ts';
import { auc } from '../measures.ts';
import { asksFigures, readSentences } from './asks.ts';
import { genreFigures } from './genre.ts';
import { importanceFigures } from './importance.ts';
import { readJudged, spamFigures } from './spam.ts';

const ours = { domains: [], addresses: [] };

/** Which of the Berkeley Enron categories each of ours should tell from the rest. */
const enron_categories = { personal: ['1.2', '1.3'], scheduling: ['1.4'], recruiting: ['1.5'], legal: ['2.8', '3.10'] };

export async function* mailFigures(data: string): AsyncGenerator<Figure> {
  const { mails, files } = await readJudged(data);
  if (mails.some(mail => mail.spam) && mails.some(mail => !mail.spam)) yield* spamFigures(mails, files);
  const ham = mails.filter(mail => !mail.spam).map(({ email }) => email);
  if (ham.length > 0) yield* importanceFigures(ham, files);
  for (const file of filesIn(join(data, 'mail'), '.tar.gz')) {
    const categorised = await readCategorised(join(data, 'mail', file));
    yield* categoryFigures(categorised, file);
    yield* genreFigures(categorised, file);
  }
  for (const file of filesIn(join(data, 'intent'), '.tsv')) {
    yield* asksFigures(readSentences(join(data, 'intent', file)), file);
  }
}

function* categoryFigures(mails: readonly CategorisedMail[], data: string): Generator<Figure> {
  const scored = mails.map(({ email, categories }) => ({ categories, found: enrichMail(email, ours) }));
  for (const [category, theirs] of Object.entries(enron_categories)) {
    const of = (actual: boolean): number[] =>
      scored
        .filter(({ categories }) => theirs.some(each => categories.has(each)) === actual)
        .map(({ found }) => found.category_scores[category] ?? 0);
    const value = auc(of(true), of(false));
    yield { what: `category ${category}`, data, measure: 'AUC', value, examples: scored.length };
  }
  const called = scored.filter(({ found }) => found.category === 'spam').length;
  const about = { what: 'business mail called spam', data, examples: scored.length };
  yield { ...about, measure: 'share', value: called / scored.length };
}
