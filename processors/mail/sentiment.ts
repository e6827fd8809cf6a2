import type { Email, Sentiment } from '../../schemas/generated.ts';
import { modelOnDemand } from '../models.ts';
import { SentimentModel } from '../text/sentiment/model.ts';
import { flag, hashOf, kind, Tokens } from '../text/tokens.ts';
import type { MailReading } from './reading.ts';

/** A linear model over words, pieces of words and VADER's scores; docs/models/sentiment.md. */
export const sentimentModel = modelOnDemand('sentiment', file => new SentimentModel(file));

export interface SentimentResult {
  /** −1 to 1: what people would rate it on average. */
  readonly score: number;
  readonly label: Sentiment;
  /** The probability of the label, 0 to 1. */
  readonly confidence: number;
  /** Of negative, neutral and positive; they sum to 1. */
  readonly probabilities: readonly number[];
}

/** A mail whose tone is below this is a complaint to whoever counts them. */
export const negative_max = -0.15;

const labels: readonly Sentiment[] = ['negative', 'neutral', 'positive'];
const own_tokens = new Tokens();

const hashes = (words: string): ReadonlySet<number> => new Set(words.split(' ').map(hashOf));
const greetings = hashes('dear hi hello hey');
const greeting_tokens_max = 6;
const farewells = hashes('regards sincerely');
const farewells_of_two = hashes('best kind warm yours many');
const farewell_ends = hashes('regards wishes sincerely truly faithfully thanks');
const farewell_tokens_max = 8;

/**
 * The tone of a text as it stands: a tweet, a message, a review. As long as what the model was trained on it is read whole, longer by
 * sentence. Deterministic; linear in the text read.
 */
export function sentimentOf(text: string, model = sentimentModel.loaded()): SentimentResult {
  const tokens = own_tokens.read(text);
  if (tokens.count === 0) return silent;
  if (text.length > whole_chars_max) return bySentence([tokens], (_, from) => from, model);
  const { probabilities, score } = model.read(tokens);
  return resultOf(probabilities, score);
}

/**
 * The tone of a mail, from its writer's own words by sentence, greeting and farewell left out. A subject counts as a sentence unless it is
 * another writer's.
 */
export function sentimentOfMail(
  { in_reply_to }: Pick<Email, 'in_reply_to'>,
  { subject, body }: Pick<MailReading, 'subject' | 'body'>,
): SentimentResult {
  return bySentence(in_reply_to === null ? [subject, body] : [body], ownWords);
}

/**
 * Each sentence by itself, then their mean, weighed by how far each is from neutral, so that facts do not drown the one sentence that
 * complains. `beginning` says at which token a sentence's words begin, its end where it has none that count.
 */
function bySentence(
  parts: readonly Tokens[],
  beginning: (part: Tokens, from: number, to: number) => number,
  model = sentimentModel.loaded(),
): SentimentResult {
  sums.fill(0);
  let [score, weight] = [0, 0];
  for (const part of parts) {
    for (let s = 0; s < part.sentences; s++) {
      const to = endOf(part, s);
      const from = beginning(part, part.sentence_start[s]!, to);
      if (from >= to) continue;
      model.read(part, from, to);
      const said = said_min + Math.abs(model.score);
      for (let k = 0; k < sums.length; k++) sums[k]! += said * model.probabilities[k]!;
      score += said * model.score;
      weight += said;
    }
  }
  if (weight === 0) return silent;
  for (let k = 0; k < sums.length; k++) sums[k]! /= weight;
  return resultOf(sums, score / weight);
}

/** UTF-16 units: of the tweets trained on, 99 of 100 are no longer. */
const whole_chars_max = 160;
const sums = new Float64Array(labels.length);
/** What a sentence without any tone still weighs, beside one as strong as can be, which weighs 1 more. */
const said_min = 0.05;
const silent: SentimentResult = { score: 0, label: 'neutral', confidence: 1, probabilities: [0, 1, 0] };

/** Of a text in a language that the model does not know. */
export const unscored: SentimentResult = {
  score: 0,
  label: 'unscored',
  confidence: 0,
  probabilities: [1 / 3, 1 / 3, 1 / 3],
};

/** Without the empty line behind it. */
function endOf(tokens: Tokens, sentence: number): number {
  let to = tokens.sentence_start[sentence + 1]!;
  while (tokens.kind[to - 1] === kind.paragraph) to--;
  return to;
}

/** Neither the greeting that a sentence begins with nor a farewell. */
function ownWords(tokens: Tokens, from: number, to: number): number {
  const own = afterGreeting(tokens, from, to);
  return isFarewell(tokens, own, to) ? to : own;
}

/** Behind the greeting that a sentence begins with: "Dear Ann," is manners, and "dear" would count as praise. */
function afterGreeting(tokens: Tokens, from: number, to: number): number {
  if (!greetings.has(tokens.hash[from]!)) return from;
  const end = Math.min(to, from + greeting_tokens_max);
  for (let at = from + 1; at < end; at++) {
    if (tokens.has(at, flag.line_start)) return at;
    const code = tokens.text.charCodeAt(tokens.start[at]!);
    if (code === 0x2c || code === 0x21) return at + 1;
  }
  return from;
}

/** So is "Best regards" with the name below. */
function isFarewell(tokens: Tokens, from: number, to: number): boolean {
  if (to - from > farewell_tokens_max) return false;
  if (farewells.has(tokens.hash[from]!)) return true;
  return farewells_of_two.has(tokens.hash[from]!) && farewell_ends.has(tokens.hash[from + 1]!);
}

function resultOf(probabilities: Float64Array, score: number): SentimentResult {
  let best = 0;
  for (let k = 1; k < labels.length; k++) if (probabilities[k]! > probabilities[best]!) best = k;
  return { score, label: labels[best]!, confidence: probabilities[best]!, probabilities: Array.from(probabilities) };
}
