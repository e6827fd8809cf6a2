/**
 * Keeps each thread: who waits for whom since when, how long the first answer took, and whether that was what was promised. The
 * newest mails are kept and read again in the order they were received, so the order in which they arrive changes nothing; those
 * before them are kept as what they had come to.
 */
import { defineProcessor, type Processor } from '../lib/processor.ts';
import { type ThreadMail, type ThreadState, threadStateSchema } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import { blankFor, byTime, countedWith, progressOf } from './conversation/progress.ts';
import { type ConversationRules, rulesOfAll, type SettingsOfAll, usual_settings } from './conversation/rules.ts';
import { summaryOf } from './conversation/summary.ts';
import { timeTold, woken_max } from './tick.ts';

export const mails_max = 100;
const day_ms = 86_400_000;
/** A thread that is silent for so long is forgotten here; its row stays, until a mail begins it anew. */
export const forgotten_after_ms = 180 * day_ms;

const inputs = { message: topics.threadMessage, time: topics.measurement };
const outputs = { conversation: topics.conversationUpdated };

export function conversation(settings: SettingsOfAll = usual_settings): Processor {
  const rulesFor = rulesOfAll(settings);
  return defineProcessor<typeof inputs, ThreadState, typeof outputs>({
    name: 'conversation',
    version: 1,
    inputs,
    state: threadStateSchema,
    outputs,
    commit_interval_ms_min: 500,
    on: {
      message({ thread_id, mail, left }, state, { at_ms }) {
        const before = state ?? blank;
        const rules = rulesFor(mail.owner.organization_id);
        const kept = before.mails.filter(one => one.email_id !== mail.email_id);
        const { base, mails } = left ? { ...before, mails: kept } : withMail({ ...before, mails: kept }, mail, rules);
        const progress = progressOf(base, mails, rules);
        // Larger than any before it, also where that is forgotten.
        const version = Math.max(before.version + 1, at_ms);
        const next = { base, mails, version, touched_ms: at_ms };
        if (progress === null && before.version === 0) return {};
        // What we write among ourselves alone is nobody's conversation with us.
        if (before.version === 0 && progress !== null && progress.mails_in + progress.mails_out === 0)
          return { state: { ...next, version: 0 } };
        // A thread whose last mail turned out to be of another one has none, and is shown to nobody.
        const summary = summaryOf(progress ?? { ...blankFor(mail), first_owner: mail.owner }, rules);
        const email_ids = mails.map(({ email_id }) => email_id);
        return {
          state: next,
          emit: { conversation: { ...summary, conversation_id: thread_id, email_ids, version, updated_at_ms: at_ms } },
        };
      },
      // Only the ticks among them are of interest (clock).
      time: () => ({}),
    },
    clock: timeTold,
    ttl: { after_ms: forgotten_after_ms, keys_max: woken_max, touched_ms: ({ touched_ms }) => touched_ms },
  });
}

const blank: ThreadState = { base: null, mails: [], version: 0, touched_ms: 0 };

type Kept = Pick<ThreadState, 'base' | 'mails'>;

/** What is older than all that is kept is counted, and can no longer wait or answer. */
function withMail({ base, mails }: Kept, mail: ThreadMail, rules: ConversationRules): Kept {
  if (base !== null && mail.received_at_ms < base.last_at_ms) return { base: countedWith(base, mail), mails };
  const all = [...mails, mail].sort(byTime);
  return { base: progressOf(base, all.slice(0, -mails_max), rules), mails: all.slice(-mails_max) };
}
