import type { Email } from '../../schemas/generated.ts';
import { categories } from '../../schemas/labels.ts';
import { hashPair } from '../text/hash.ts';
import { HashIndex } from '../text/hash-index.ts';
import { hashOf, kind, type Tokens } from '../text/tokens.ts';
import { category_biases, category_weights } from './category-weights.ts';
import type { MailModel } from './model.ts';
import type { OwnCategories } from './own-categories.ts';
import type { MailReading } from './reading.ts';
import { isAutoSubmitted, isNoReply } from './sender.ts';

/** A linear model over words, pairs of words and headers, whose weights are a table one can read; spam has a model of its own. */
export const categoryModel: MailModel = { name: 'category', version: 'linear-3' };

export interface CategoryResult {
  /** One of `categories`, or one of the organisation's own. */
  readonly category: string;
  /** Probabilities that sum to 1. */
  readonly scores: Readonly<Record<string, number>>;
  /** The version of what named the category. */
  readonly model: string;
}

/** A word in the subject says more about a mail than one in its body. */
const subject_factor = 1.5;

/** Past this many words a body's words count less each, or every long mail would be about everything. */
const body_words_full = 150;

const shouting_capitals_min = 0.3;
const shouting_words_min = 5;
const exclamations_min = 3;
const links_many_min = 5;
const sender_name_chars_max = 64;

/** A mail is called spam when it is so rather than not, whatever else it may be. */
export const spam_probability_min = 0.5;

/**
 * The most probable category and the probability of each (softmax; `spam` is given, what is left of 1 is shared by the others). What an
 * organisation's own categories say comes first. Deterministic; linear in the text read.
 */
export function categoryOf(email: Email, reading: MailReading, spam: number, own?: OwnCategories): CategoryResult {
  const general = generalCategoryOf(email, reading, spam);
  const verdict = own?.judge(email, reading) ?? null;
  if (own === undefined || verdict === null) return general;
  const { category, probability } = verdict;
  const scores: Record<string, number> = {};
  for (const [name, score] of Object.entries(general.scores)) scores[name] = score * (1 - probability);
  scores[category] = (scores[category] ?? 0) + probability;
  return { category, scores, model: own.version };
}

function generalCategoryOf(email: Email, reading: MailReading, spam: number): CategoryResult {
  sums.set(biases);
  reading_number++;
  addWords(reading.subject, subject_factor);
  addWords(reading.body, Math.min(1, Math.sqrt(body_words_full / reading.body_form.words)));
  addHeaders(email);
  addForms(reading);
  return shared(spam);
}

const biases = Float64Array.from(categories, category => category_biases[category]);
const sums = new Float64Array(categories.length);
const spam_place = categories.indexOf('spam');

/** The table turned round, so that a word costs one look-up: feature f speaks for `speaks_for[k]` by `weights[k]`, `first[f]` ≤ k < `first[f + 1]`. */
const features = [...new Set(categories.flatMap(category => Object.keys(category_weights[category])))];
const places = new HashIndex(features.map(hashOfFeature));
const speaks = features.map(feature =>
  categories.flatMap((category, at) => {
    const weight = category_weights[category][feature];
    return weight === undefined ? [] : [{ at, weight }];
  }),
);
const first = Int32Array.from([0, ...speaks.map((_, f) => speaks.slice(0, f + 1).flat().length)]);
const speaks_for = Uint8Array.from(speaks.flat(), each => each.at);
const weights = Float64Array.from(speaks.flat(), each => each.weight);
/** Words that a pair of the table begins with. */
const heads = new HashIndex([
  ...new Set(features.filter(feature => feature.includes(' ')).map(feature => hashOf(feature.split(' ')[0]!))),
]);

/** In which mail each feature was last seen: each counts once. */
const seen = new Float64Array(features.length);
let reading_number = 0;

function hashOfFeature(feature: string): number {
  const [head = '', next] = feature.split(' ');
  return next === undefined ? hashOf(head) : hashPair(hashOf(head), hashOf(next));
}

function add(hash: number, strength: number): void {
  const feature = places.get(hash);
  if (feature < 0 || seen[feature] === reading_number) return;
  seen[feature] = reading_number;
  for (let k = first[feature]!; k < first[feature + 1]!; k++) sums[speaks_for[k]!]! += weights[k]! * strength;
}

function addWords(tokens: Tokens, strength: number): void {
  const { count, hash, kind: kinds } = tokens;
  let head = 0;
  let headed = false;
  for (let at = 0; at < count; at++) {
    if (kinds[at] !== kind.word) {
      if (kinds[at] !== kind.punctuation) headed = false;
      continue;
    }
    const word = hash[at]!;
    add(word, strength);
    if (headed) add(hashPair(head, word), strength);
    head = word;
    headed = heads.get(word) >= 0;
  }
}

function named(feature: string): number {
  return hashOf(feature);
}

const header = {
  unsubscribe: named('header:list-unsubscribe'),
  list: named('header:list-id'),
  bulk: named('header:precedence-bulk'),
  automatic: named('header:auto-submitted'),
  reply: named('header:in-reply-to'),
  no_reply: named('from:no-reply'),
};

function addHeaders({ headers, from, in_reply_to }: Email): void {
  if (headers['list-unsubscribe'] !== undefined) add(header.unsubscribe, 1);
  if (headers['list-id'] !== undefined) add(header.list, 1);
  const precedence = headers.precedence?.trim().toLowerCase();
  if (precedence === 'bulk' || precedence === 'junk') add(header.bulk, 1);
  if (isAutoSubmitted(headers)) add(header.automatic, 1);
  if (in_reply_to !== null) add(header.reply, 1);
  if (isNoReply(from.address)) add(header.no_reply, 1);
  const name = from.address.slice(0, Math.min(sender_name_chars_max, from.address.indexOf('@')));
  if (name !== '') add(hashOf(`from:${name}`), 1);
}

const form = {
  question: named('text:question'),
  exclamations: named('text:exclamations'),
  money: named('text:money'),
  many_links: named('text:many-links'),
  shouting: named('text:shouting'),
  nearly_empty: named('text:nearly-empty'),
};

function addForms({ subject_form, body_form }: MailReading): void {
  if (body_form.questions + subject_form.questions > 0) add(form.question, 1);
  if (body_form.exclamations >= exclamations_min) add(form.exclamations, 1);
  if (body_form.sums + subject_form.sums > 0) add(form.money, 1);
  if (body_form.links >= links_many_min) add(form.many_links, 1);
  if (body_form.capitals >= shouting_capitals_min && body_form.words >= shouting_words_min) add(form.shouting, 1);
  if (body_form.words < 5) add(form.nearly_empty, 1);
}

function shared(spam: number): CategoryResult {
  sums[spam_place] = Number.NEGATIVE_INFINITY;
  let best = 0;
  for (let at = 1; at < sums.length; at++) if (sums[at]! > sums[best]!) best = at;
  const highest = sums[best]!;
  let total = 0;
  for (let at = 0; at < sums.length; at++) total += sums[at] = Math.exp(sums[at]! - highest);
  const scores: Record<string, number> = {};
  for (let at = 0; at < sums.length; at++) scores[categories[at]!] = (sums[at]! / total) * (1 - spam);
  scores.spam = spam;
  return { category: spam >= spam_probability_min ? 'spam' : categories[best]!, scores, model: categoryModel.version };
}
