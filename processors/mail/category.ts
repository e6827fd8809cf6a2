import type { Email } from '../../schemas/generated.ts';
import { type Category, categories, category_biases, category_weights } from './category-weights.ts';
import type { MailModel } from './model.ts';
import { isAutoSubmitted, isNoReply } from './sender.ts';
import type { MailSignals } from './words.ts';

/** A linear model over words, pairs of words and headers; its weights are a table one can read. */
export const categoryModel: MailModel = { name: 'category', version: 'linear-1' };

export interface CategoryResult {
  readonly category: Category;
  /** Probabilities that sum to 1. */
  readonly scores: Record<Category, number>;
}

/** A word in the subject says more about a mail than one in its body. */
const subject_factor = 1.5;

/** Past this many words a body's words count less each, or every long mail would be about everything. */
const body_words_full = 150;

const shouting_capitals_min = 0.3;
const shouting_words_min = 5;

/** The most probable category and the probability of each (softmax). Deterministic; linear in the text read. */
export function categoryOf(email: Email, signals: MailSignals): CategoryResult {
  const sums = categories.map(category => category_biases[category]);
  for (const [feature, strength] of featuresOf(email, signals)) {
    for (const [at, weight] of weights_by_feature.get(feature) ?? []) sums[at] = (sums[at] ?? 0) + weight * strength;
  }
  return softmax(sums);
}

/** The features of a mail that the table has a weight for, each once, with its strength. */
export function featuresOf(email: Email, signals: MailSignals): ReadonlyMap<string, number> {
  const { subject, body } = signals;
  const features = new Map<string, number>();
  const add = (feature: string, strength: number): void => {
    if (weights_by_feature.has(feature) && !features.has(feature)) features.set(feature, strength);
  };
  addWords(subject.words, subject_factor, add);
  addWords(body.words, Math.min(1, Math.sqrt(body_words_full / body.words.length)), add);
  for (const feature of headerFeatures(email)) add(feature, 1);
  for (const feature of textFeatures(signals)) add(feature, 1);
  return features;
}

function addWords(words: readonly string[], strength: number, add: (feature: string, strength: number) => void): void {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    add(word, strength);
    if (pair_heads.has(word)) add(`${word} ${words[at + 1] ?? ''}`, strength);
  }
}

function* headerFeatures({ headers, from, in_reply_to }: Email): Generator<string> {
  if (headers['list-unsubscribe'] !== undefined) yield 'header:list-unsubscribe';
  if (headers['list-id'] !== undefined) yield 'header:list-id';
  const precedence = headers.precedence?.trim().toLowerCase();
  if (precedence === 'bulk' || precedence === 'junk') yield 'header:precedence-bulk';
  if (isAutoSubmitted(headers)) yield 'header:auto-submitted';
  if (in_reply_to !== null) yield 'header:in-reply-to';
  if (isNoReply(from.address)) yield 'from:no-reply';
  const name = from.address.slice(0, from.address.indexOf('@'));
  if (name !== '') yield `from:${name}`;
}

function* textFeatures({ subject, body }: MailSignals): Generator<string> {
  if (body.questions > 0 || subject.questions > 0) yield 'text:question';
  if (body.exclamations >= 3) yield 'text:exclamations';
  if (body.sums > 0 || subject.sums > 0) yield 'text:money';
  if (body.links >= 5) yield 'text:many-links';
  if (subject.capitals >= shouting_capitals_min && subject.words.length >= shouting_words_min) yield 'subject:shouting';
  if (subject.exclamations > 0) yield 'subject:exclamation';
  if (body.capitals >= shouting_capitals_min && body.words.length >= shouting_words_min) yield 'text:shouting';
  if (body.words.length < 5) yield 'text:nearly-empty';
}

function softmax(sums: readonly number[]): CategoryResult {
  const highest = Math.max(...sums);
  const exponentials = sums.map(sum => Math.exp(sum - highest));
  const total = exponentials.reduce((sum, each) => sum + each, 0);
  const entries = categories.map((category, at): [Category, number] => [category, (exponentials[at] ?? 0) / total]);
  return {
    category: categories[sums.indexOf(highest)] ?? 'other',
    scores: Object.fromEntries(entries) as Record<Category, number>,
  };
}

/** The table turned round, so that a word costs one look-up: feature → the categories it speaks for or against. */
const weights_by_feature: ReadonlyMap<string, readonly [category: number, weight: number][]> = byFeature();

const pair_heads: ReadonlySet<string> = new Set(
  [...weights_by_feature.keys()].filter(feature => feature.includes(' ')).map(feature => feature.split(' ')[0] ?? ''),
);

function byFeature(): Map<string, [number, number][]> {
  const table = new Map<string, [number, number][]>();
  categories.forEach((category, at) => {
    for (const [feature, weight] of Object.entries(category_weights[category])) {
      table.set(feature, [...(table.get(feature) ?? []), [at, weight]]);
    }
  });
  return table;
}
