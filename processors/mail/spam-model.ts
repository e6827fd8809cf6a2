/**
 * Whether a mail is spam: words and pairs of words of its subject and text, and few properties of its form, in a linear model. Hosts,
 * addresses, numbers, list tags and the lines that lists append count for nothing, for they say where a mail was collected.
 */
import { FeatureBag, LinearModel, sigmoid } from '../../lib/linear.ts';
import type { LoadedModel } from '../../lib/model-file.ts';
import type { Email } from '../../schemas/generated.ts';
import { gistOf, text_begins } from '../text/gist.ts';
import { hashPair } from '../text/hash.ts';
import { flag, hashOf, kind, type Tokens } from '../text/tokens.ts';
import type { MailReading } from './reading.ts';
import { isBulk } from './sender.ts';

/** How features are made of a mail; the trainer writes it into the model, and a model of another is refused. */
export const spam_spec = { bits: 16, forms: 8, norm: 3, tokens: 2000, pair: 0.5, subject: 2 } as const;

const hashed = 1 << spam_spec.bits;
const mask = hashed - 1;
const namespace = { word: 1, pair: 2, subject_word: 3, subject_pair: 4 } as const;
const features_max = 4 * spam_spec.tokens;

/** What is known without training: log-odds. Who answers one's mail, or runs a list that one can leave, seldom spams. */
const reply_log_odds = -2;
const list_log_odds = -0.5;

const word_with_digit = 0x5f3b01;
const footer_tokens_max = 120;
const footer_rule_chars_min = 10;

export class SpamFeatures {
  readonly bag = new FeatureBag(hashed + spam_spec.forms, features_max + spam_spec.forms);

  /** Fills `bag`. */
  read({ from }: Pick<Email, 'from'>, reading: MailReading): FeatureBag {
    const { bag } = this;
    bag.clear();
    this.addBody(reading.body);
    this.addSubject(reading.subject);
    const norm = bag.norm();
    if (norm > 0) bag.scale(spam_spec.norm / norm);
    this.addForms(reading, from);
    return bag;
  }

  private addBody(tokens: Tokens): void {
    const { bag } = this;
    const end = Math.min(spam_spec.tokens, bodyEnd(tokens));
    let before = text_begins;
    for (let at = 0; at < end; at++) {
      const what = tokens.kind[at]!;
      if (what === kind.paragraph || what === kind.punctuation) continue;
      const gist = wordOf(tokens, at);
      if (what === kind.word) bag.set(hashPair(gist, namespace.word) & mask, 1);
      bag.set(hashPair(hashPair(before, gist), namespace.pair) & mask, spam_spec.pair);
      before = gist;
    }
  }

  private addSubject(tokens: Tokens): void {
    const { bag } = this;
    let before = text_begins;
    const end = Math.min(tokens.count, spam_spec.tokens / 4);
    for (let at = topicStart(tokens); at < end; at++) {
      const gist = wordOf(tokens, at);
      if (tokens.kind[at] === kind.word) {
        bag.set(hashPair(gist, namespace.word) & mask, 1);
        bag.set(hashPair(gist, namespace.subject_word) & mask, spam_spec.subject);
      }
      bag.set(hashPair(hashPair(before, gist), namespace.subject_pair) & mask, spam_spec.subject);
      before = gist;
    }
  }

  /** Each 0 to 1. */
  private addForms({ subject_form, body_form }: MailReading, from: Email['from']): void {
    const { bag } = this;
    const words = Math.max(20, body_form.words);
    bag.set(hashed, Math.min(1, (5 * body_form.links) / words));
    bag.set(hashed + 1, Math.min(1, (10 * body_form.exclamations) / words));
    bag.set(hashed + 2, (body_form.capitals * body_form.words) / Math.max(10, body_form.words));
    bag.set(hashed + 3, Math.min(1, (10 * body_form.sums) / words));
    bag.set(hashed + 4, subject_form.exclamations > 0 ? 1 : 0);
    bag.set(hashed + 5, subject_form.words > 2 && subject_form.capitals > 0.5 ? 1 : 0);
    bag.set(hashed + 6, hasDigits(from.address) ? 1 : 0);
  }
}

export class SpamModel {
  private readonly features = new SpamFeatures();
  private readonly linear: LinearModel;
  private readonly scores = new Float64Array(1);

  constructor({ spec, arrays }: Pick<LoadedModel, 'spec' | 'arrays'>) {
    for (const [name, value] of Object.entries(spam_spec)) {
      if (spec[name] !== value) throw new Error(`spam: a model of other features (${name})`);
    }
    this.linear = new LinearModel({
      classes: 1,
      hashed: arrays.hashed as Int8Array,
      scale: arrays.scale as Float32Array,
      dense: arrays.dense as Float32Array,
      bias: arrays.bias as Float32Array,
    });
  }

  /** The probability that the mail is spam, 0 to 1. */
  probability(email: Pick<Email, 'from' | 'headers' | 'in_reply_to'>, reading: MailReading): number {
    const { scores } = this;
    this.linear.score(this.features.read(email, reading), scores);
    return sigmoid(scores[0]! + knownLogOdds(email));
  }
}

function knownLogOdds({ headers, in_reply_to }: Pick<Email, 'headers' | 'in_reply_to'>): number {
  return (in_reply_to === null ? 0 : reply_log_odds) + (isBulk(headers) ? list_log_odds : 0);
}

function wordOf(tokens: Tokens, at: number): number {
  if (tokens.kind[at] === kind.word && (tokens.flags[at]! & flag.has_digit) !== 0) return word_with_digit;
  return gistOf(tokens, at);
}

/** What a list appends begins with a rule of underscores near the end. */
function bodyEnd(tokens: Tokens): number {
  let end = tokens.count;
  for (let at = end - 1; at >= 0 && tokens.count - at <= footer_tokens_max; at--) {
    if (tokens.kind[at] !== kind.word || tokens.end[at]! - tokens.start[at]! < footer_rule_chars_min) continue;
    if (tokens.text.charCodeAt(tokens.start[at]!) === 0x5f) end = at;
  }
  return end;
}

const reply_marks: ReadonlySet<number> = new Set(['re', 'fw', 'fwd', 'aw', 'wg', 'sv', 'tr'].map(hashOf));
const tag_tokens_max = 6;

/** Behind `Re:` and a list's `[name]`, however many. */
function topicStart(tokens: Tokens): number {
  const code = (at: number): number => (at < tokens.count ? tokens.text.charCodeAt(tokens.start[at]!) : 0);
  let at = 0;
  for (;;) {
    if (reply_marks.has(tokens.hash[at]!) && code(at + 1) === 0x3a && at < tokens.count) at += 2;
    else if (code(at) === 0x5b) {
      let close = at + 1;
      while (close < tokens.count && close - at <= tag_tokens_max && code(close) !== 0x5d) close++;
      if (code(close) !== 0x5d) return at;
      at = close + 1;
    } else return at;
  }
}

/** Three digits in a row before the `@`. */
function hasDigits(address: string): boolean {
  let run = 0;
  const end = Math.min(64, Math.max(0, address.indexOf('@')));
  for (let at = 0; at < end && run < 3; at++) {
    const code = address.charCodeAt(at);
    run = code >= 0x30 && code <= 0x39 ? run + 1 : 0;
  }
  return run === 3;
}
