/**
 * Whether what was done with mails foretells what will be: the mails of lists in the order in which they were received, each scored
 * as it comes, and taught by its answers when they come.
 *
 * A stand-in: a list has no owner, so whoever answers is taken for him, and what was answered in another part of its archive
 * counts as left. It shows that the learning works, not how well it will for a person.
 */
import { drive } from '../../lib/test-driver.ts';
import { acts } from '../../processors/acts.ts';
import { enrichMail } from '../../processors/enrich-mail.ts';
import { learning } from '../../processors/learning.ts';
import { importance_bias } from '../../processors/mail/importance.ts';
import { enrichMail as understand } from '../../processors/mail/index.ts';
import { timeline } from '../../processors/timeline.ts';
import type { Email, EmailEnriched, EmailReceived, Lineage, MailAct, Measurement } from '../../schemas/generated.ts';
import { topics } from '../../schemas/topics.ts';
import type { Figure } from '../figure.ts';
import { auc } from '../measures.ts';

const ours = { domains: [], addresses: [] };
const day_ms = 24 * 60 * 60 * 1000;

export function* importanceFigures(mails: readonly Email[], data: string): Generator<Figure> {
  const ordered = [...mails].sort((a, b) => a.received_at_ms - b.received_at_ms);
  const answered = answeredAmong(ordered);
  const learnt = scoresOf(ordered);
  const shipped = ordered.map(email => logOddsOf(understand(email, ours)));
  for (const [how, scores] of [
    ['as shipped', shipped],
    ['learning from answers', learnt],
  ] as const) {
    const of = (actual: boolean): number[] =>
      scores.filter((_, i) => answered.has(ordered[i]?.message_id ?? '') === actual);
    const what = `importance foretells who is answered, ${how}`;
    yield { what, data, measure: 'AUC', value: auc(of(true), of(false)), examples: ordered.length };
  }
}

/** Message-IDs of the mails that somebody else has answered. */
function answeredAmong(mails: readonly Email[]): ReadonlySet<string> {
  const writers = new Map(mails.map(({ message_id, from }) => [message_id, from.address]));
  const answers = mails.filter(({ in_reply_to, from }) => {
    const writer = in_reply_to === null ? undefined : writers.get(in_reply_to);
    return writer !== undefined && writer !== from.address;
  });
  return new Set(answers.map(({ in_reply_to }) => in_reply_to as string));
}

/** The log-odds of each as it comes, by what was learnt until then. */
function scoresOf(mails: readonly Email[]): number[] {
  const driver = drive([enrichMail(ours), timeline(ours), acts, learning()]);
  const known = new Map<string, string>();
  let told_ms = 0;
  for (const email of mails) {
    const { owner, received_at_ms: at_ms, in_reply_to, message_id, from } = email;
    if (at_ms - told_ms >= day_ms) {
      const tick: Measurement = { owner, category: '', measure: 'tick', value: 1, at_ms, record_id: '', lineage };
      driver.feed(topics.measurement, tick, at_ms);
      told_ms = at_ms;
    }
    driver.feed<EmailReceived>(topics.emailAccepted, { email, lineage }, at_ms);
    if (message_id !== null) known.set(message_id, from.address);
    if (in_reply_to === null || (known.get(in_reply_to) ?? from.address) === from.address) continue;
    driver.feed<MailAct>(topics.mailAct, { owner, message_id: in_reply_to, mail: null, lineage }, at_ms);
  }
  return driver.read(topics.emailEnriched).map(logOddsOf);
}

const logOddsOf = ({ importance_reasons }: Pick<EmailEnriched, 'importance_reasons'>): number =>
  importance_reasons.reduce((sum, { log_odds }) => sum + log_odds, importance_bias);

const lineage: Lineage = {
  ...{ source: 'eval', sequence: 0, origin: 'live' as const, ingested_at_ms: 0 },
  ...{ hops: [], traceparent: null },
};
