/** What each model costs a mail, on one core: generated mails of about 1.3 kB, parsed already. No engine is started. */
import { cpuUsage } from 'node:process';
import { explain } from '../processors/explain.ts';
import { asksOf } from '../processors/mail/asks.ts';
import { automaticOf } from '../processors/mail/automatic.ts';
import { categoryOf } from '../processors/mail/category.ts';
import { contentOf } from '../processors/mail/content.ts';
import { contributions, importance_bias, importanceFeatures } from '../processors/mail/importance.ts';
import { enrichMail } from '../processors/mail/index.ts';
import { type MailReading, readMail } from '../processors/mail/reading.ts';
import { sentimentOf, sentimentOfMail } from '../processors/mail/sentiment.ts';
import { spamOf } from '../processors/mail/spam.ts';
import type { Email } from '../schemas/generated.ts';
import { unsaid } from '../schemas/signals.ts';
import { median } from './quantiles.ts';
import { createRandom } from './random.ts';
import { paragraphs, subjects } from './texts.ts';

export interface UnderstandingOptions {
  /** That are understood each time. */
  readonly mails: number;
  readonly repetitions: number;
  readonly progress: (line: string) => void;
}

export interface UnderstandingResult {
  readonly mails: number;
  /** Of a mail's text, on average. */
  readonly text_chars: number;
  /** Microseconds a mail: the median of the repetitions. */
  readonly microseconds: Readonly<Record<string, number>>;
  /** By processor time: of everything together, and of what judges a mail (all but its content). */
  readonly mails_per_second: number;
  readonly judged_per_second: number;
  readonly tweets_per_second: number;
  readonly runs: readonly object[];
}

const text_chars = 1_300;
const tweet_chars = 92;
const organization = { domains: ['bench.example'], addresses: [] };

export function benchUnderstanding({ mails, repetitions, progress }: UnderstandingOptions): UnderstandingResult {
  const made = mailsOf(mails);
  const runs: Record<string, number>[] = [];
  for (let run = 0; run <= repetitions; run++) {
    const times = { ...stagesOf(made), together: processorTime(made, email => enrichMail(email, organization)) };
    // The first makes the code fast.
    if (run > 0) runs.push(times);
    progress(`${run === 0 ? 'warm-up' : `repetition ${run}`}: ${times.together.toFixed(1)} µs a mail`);
  }
  const microseconds = Object.fromEntries(
    Object.keys(runs[0] ?? {}).map(stage => [stage, median(runs.map(each => each[stage] ?? 0))]),
  );
  return {
    mails,
    text_chars: Math.round(made.reduce((sum, { text }) => sum + text.length, 0) / made.length),
    microseconds,
    mails_per_second: perSecond(microseconds.together),
    judged_per_second: perSecond(microseconds.judging),
    tweets_per_second: perSecond(microseconds['sentiment of a tweet']),
    runs,
  };
}

const perSecond = (microseconds = Number.NaN): number => Math.round(1e6 / microseconds);

type Stage = (email: Email, reading: MailReading) => unknown;

const asking = { probability: 0.9, start: 0, end: 40 };
const stages: Readonly<Record<string, Stage>> = {
  sentiment: sentimentOfMail,
  asks: (_, reading) => asksOf(reading),
  spam: spamOf,
  automatic: automaticOf,
  category: (email, reading) => categoryOf(email, reading, 0.01),
  importance(email, reading) {
    const features = importanceFeatures(email, {
      ...{ reading, asks: asking, automatic: '', sentiment_score: -0.5 },
      ...{ category: 'support', category_probability: 0.5 },
    });
    return explain(importance_bias, contributions(features));
  },
};

/** Each stage on every mail, which is read before: what reading alone takes is taken off. And all of them on a mail that is read once. */
function stagesOf(mails: readonly Email[]): Record<string, number> {
  const reading = processorTime(mails, readMail);
  const alone = Object.entries(stages).map(([name, stage]): [string, number] => [
    name,
    processorTime(mails, email => stage(email, readMail(email))) - reading,
  ]);
  const judging = processorTime(mails, email => {
    const read = readMail(email);
    for (const stage of Object.values(stages)) stage(email, read);
  });
  const content = processorTime(mails, contentOf);
  const tweets = mails.map(({ text }) => text.slice(0, tweet_chars));
  const tweet = processorTime(tweets, text => sentimentOf(text));
  return { reading, ...Object.fromEntries(alone), judging, content, 'sentiment of a tweet': tweet };
}

/** Microseconds an item, of processor time, which others on the machine change least. */
function processorTime<T>(items: readonly T[], work: (item: T) => unknown): number {
  const began = cpuUsage();
  for (const item of items) work(item);
  const { user, system } = cpuUsage(began);
  return (user + system) / items.length;
}

function mailsOf(count: number): Email[] {
  const random = createRandom(1);
  return Array.from({ length: count }, (_, at): Email => {
    const text: string[] = [];
    for (let chars = 0; chars < text_chars - 80; ) {
      const next = random.pick(paragraphs);
      text.push(next);
      chars += next.length + 2;
    }
    return {
      email_id: `mail-${at}`,
      owner: { organization_id: 'bench', mailbox: '', owner_id: '', team_id: '' },
      message_id: `<${at}@bench.example>`,
      thread_id: `<${at}@bench.example>`,
      in_reply_to: random.chance(0.5) ? `<${at - 1}@bench.example>` : null,
      references: [],
      from: { name: 'A Customer', address: `customer${at}@client.example` },
      reply_to: [],
      to: [{ name: '', address: 'team@bench.example' }],
      cc: [],
      sent_at_ms: null,
      received_at_ms: 0,
      subject: random.pick(subjects),
      text: text.join('\n\n'),
      quoted_text: '',
      text_truncated: false,
      headers: {},
      attachments: [],
      original_sha256: '',
      original_size_bytes: 0,
      signals: unsaid,
    };
  });
}
