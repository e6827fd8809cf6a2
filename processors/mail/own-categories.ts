/** Categories that an organisation defines itself: by rules, by a few examples, or both. They come before the general ones. */
import { z } from 'zod';
import type { Email } from '../../schemas/generated.ts';
import { categories } from '../../schemas/labels.ts';
import { Phrases } from '../text/phrases.ts';
import { hashOf, kind, Tokens } from '../text/tokens.ts';
import type { MailReading } from './reading.ts';

const categories_max = 50;
const examples_max = 100;
const words_max = 200;
const phrase_chars_max = 100;
const example_chars_max = 4_000;

const phrases = z.array(z.string().trim().toLowerCase().min(1).max(phrase_chars_max)).max(words_max).default([]);

const rule = z
  .strictObject({
    any: phrases.describe('words or phrases of which one is in subject or text'),
    all: phrases.describe('words or phrases that all are'),
    none: phrases.describe('words or phrases that are not'),
    subject: phrases.describe('words or phrases of which one is in the subject'),
    sender: phrases.describe('addresses of senders'),
    domain: phrases.describe('domains of senders, with their subdomains'),
  })
  .refine(
    ({ any, all, subject, sender, domain }) => [any, all, subject, sender, domain].some(each => each.length > 0),
    {
      message: 'a rule names something that a mail has',
    },
  );

/** The section `categories` of the configuration. */
export const ownCategoriesSettings = z
  .array(
    z
      .strictObject({
        name: z
          .string()
          .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'is lower-case letters, digits, - and _')
          .describe(
            'as mails show it; one of the general names replaces that judgement where a rule or example speaks',
          ),
        rules: z.array(rule).max(words_max).default([]).describe('one that matches is enough'),
        examples: z
          .array(z.string().min(1).max(example_chars_max))
          .max(examples_max)
          .default([])
          .describe('texts of such mails; three or more of them, and of two categories or more'),
      })
      .refine(({ rules, examples }) => rules.length + examples.length > 0, {
        message: 'has neither rules nor examples',
      }),
  )
  .max(categories_max)
  .default([])
  .refine(all => new Set(all.map(each => each.name)).size === all.length, { message: 'two have the same name' });

export type OwnCategory = z.infer<typeof ownCategoriesSettings>[number];

export interface OwnVerdict {
  readonly category: string;
  /** 1 by a rule; by examples the share that this category's have in what speaks for any. */
  readonly probability: number;
  readonly by: 'rule' | 'examples';
}

/** By examples, a category is named only when it is this sure. */
const example_probability_min = 0.8;
/** And when so many of the mail's words are words of the examples: of a mail about something else nothing can be said. */
const known_words_min = 3;
const smoothing = 0.5;

/** Judges mails by an organisation's categories; null where none speaks up. Pure: made once of the settings. */
export class OwnCategories {
  private readonly rules: readonly CompiledRule[];
  private readonly examples: ExampleModel;
  /** Changes with the settings. */
  readonly version: string;

  constructor(own: readonly OwnCategory[]) {
    this.rules = own.flatMap(({ name, rules }) => rules.map(each => compile(name, each)));
    this.examples = new ExampleModel(own);
    this.version = `own-${(hashOf(JSON.stringify(own)) >>> 0).toString(16).padStart(8, '0')}`;
  }

  /** Rules first, in their order; then examples. */
  judge(email: Pick<Email, 'from'>, reading: MailReading): OwnVerdict | null {
    for (const each of this.rules) {
      if (matches(each, email, reading)) return { category: each.category, probability: 1, by: 'rule' };
    }
    return this.examples.judge(reading);
  }
}

interface CompiledRule {
  readonly category: string;
  readonly any: Phrases | null;
  readonly all: readonly Phrases[];
  readonly none: Phrases | null;
  readonly subject: Phrases | null;
  readonly senders: ReadonlySet<string>;
  readonly domains: readonly string[];
}

function compile(category: string, { any, all, none, subject, sender, domain }: z.infer<typeof rule>): CompiledRule {
  const of = (list: readonly string[]): Phrases | null => (list.length === 0 ? null : new Phrases(list));
  const alone = all.map(each => new Phrases([each]));
  const domains = domain.map(each => each.replace(/^@/, ''));
  return {
    category,
    any: of(any),
    all: alone,
    none: of(none),
    subject: of(subject),
    senders: new Set(sender),
    domains,
  };
}

/** Everything that the rule names must be so. */
function matches(one: CompiledRule, { from }: Pick<Email, 'from'>, { subject, body }: MailReading): boolean {
  const in_subject = (each: Phrases): boolean => each.find(subject, 0, subject.count) >= 0;
  const anywhere = (each: Phrases): boolean => in_subject(each) || each.find(body, 0, body.count) >= 0;
  const host = from.address.slice(from.address.lastIndexOf('@') + 1);
  if (one.senders.size > 0 && !one.senders.has(from.address)) return false;
  if (one.domains.length > 0 && !one.domains.some(each => host === each || host.endsWith(`.${each}`))) return false;
  if (one.subject !== null && !in_subject(one.subject)) return false;
  if (one.any !== null && !anywhere(one.any)) return false;
  return one.all.every(anywhere) && (one.none === null || !anywhere(one.none));
}

/** Naive Bayes over which words are in a text (McCallum & Nigam 1998, multinomial, each word once a text). */
class ExampleModel {
  private readonly names: readonly string[];
  /** Of each known word's hash, its log-probability in each category less that in all of them. */
  private readonly words = new Map<number, Float64Array>();

  constructor(own: readonly OwnCategory[]) {
    const taught = own.filter(({ examples }) => examples.length > 0);
    this.names = taught.length > 1 ? taught.map(({ name }) => name) : [];
    if (taught.length < 2) return;
    const counts = taught.map(({ examples }) => countsOf(examples));
    const totals = counts.map(each => [...each.values()].reduce((sum, count) => sum + count, 0));
    const known = new Set(counts.flatMap(each => [...each.keys()]));
    for (const word of known) {
      const logs = Float64Array.from(counts, (each, at) =>
        Math.log(((each.get(word) ?? 0) + smoothing) / (totals[at]! + smoothing * known.size)),
      );
      const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
      this.words.set(
        word,
        logs.map(log => log - mean),
      );
    }
  }

  judge({ subject, body }: MailReading): OwnVerdict | null {
    if (this.names.length === 0) return null;
    const sums = new Float64Array(this.names.length);
    let known = 0;
    for (const word of wordsOf(subject, wordsOf(body))) {
      const logs = this.words.get(word);
      if (logs === undefined) continue;
      known++;
      for (let at = 0; at < sums.length; at++) sums[at]! += logs[at]!;
    }
    if (known < known_words_min) return null;
    const best = sums.indexOf(Math.max(...sums));
    // Words of one text are not independent; the root of their number is what they are worth together.
    const worth = 1 / Math.sqrt(known);
    const total = sums.reduce((sum, each) => sum + Math.exp((each - sums[best]!) * worth), 0);
    const probability = 1 / total;
    if (probability < example_probability_min) return null;
    return { category: this.names[best]!, probability, by: 'examples' };
  }
}

function countsOf(examples: readonly string[]): Map<number, number> {
  const counts = new Map<number, number>();
  const tokens = new Tokens();
  for (const example of examples) {
    for (const word of wordsOf(tokens.read(example))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

function wordsOf(tokens: Tokens, words = new Set<number>()): Set<number> {
  for (let at = 0; at < tokens.count; at++) if (tokens.kind[at] === kind.word) words.add(tokens.hash[at]!);
  return words;
}

/** Whether a name is one of the general categories. */
export function isGeneral(name: string): boolean {
  return (categories as readonly string[]).includes(name);
}
