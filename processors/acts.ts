/**
 * Finds out what was done with each mail: what its mailbox says, whether it was answered, and that it was not. Keyed by Message-ID,
 * so that a mail meets its answers, in whichever order they come:
 *
 *   1. arrive   a mail says what its mailbox says of it, and that it was answered where an answer came first
 *   2. answer   an answer says that the mail was important to whoever answers
 *   3. wait     a mail that a person wrote, and that nobody has answered after `unanswered_after_ms`, was less so
 *
 * Which mailboxes answer at all, and so what a missing answer says, is for who learns from it (learning.ts).
 */
import type { Draft } from '../lib/lineage.ts';
import { defineProcessor } from '../lib/processor.ts';
import {
  type ActState,
  actStateSchema,
  type ImportanceExample,
  type Lineage,
  type TeachingMail,
} from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import { unanswered_after_ms } from './learning/acts.ts';
import { timeTold, woken_max } from './tick.ts';

/** Who answers later is not heard any more, by the pipeline's own time: an import's mails are as new as others. */
export const forgotten_after_ms = 14 * 24 * 60 * 60 * 1000;
/** Mailboxes whose answers are remembered. */
export const answers_max = 8;

const inputs = { act: topics.mailAct, time: topics.measurement };
const outputs = { example: topics.importanceExample };

export const acts = defineProcessor<typeof inputs, ActState, typeof outputs>({
  name: 'acts',
  version: 2,
  inputs,
  state: actStateSchema,
  outputs,
  // Nobody waits for what is learnt from it as for a mail.
  commit_interval_ms_min: 500,
  on: {
    act({ mail, owner, lineage }, state, { at_ms }) {
      const before = state ?? blank;
      if (mail === null) return answer(owner.mailbox, before, at_ms);
      return before.mail === null ? arrive(mail, lineage, before, at_ms) : {};
    },
    // Only the ticks among them are of interest (clock).
    time: () => ({}),
  },
  clock: timeTold,
  timer: {
    keys_max: woken_max,
    due_ms: ({ due_ms }) => due_ms,
    fire(state) {
      const waited = { ...state, due_ms: null };
      if (state.mail === null || state.lineage === null) return { state: waited };
      const example = exampleOf(state.mail, state.mail.owner.mailbox, 'unanswered');
      return { state: waited, emit: { example: { ...example, lineage: state.lineage } } };
    },
  },
  ttl: { after_ms: forgotten_after_ms, touched_ms: ({ touched_ms }) => touched_ms },
});

const blank: ActState = { mail: null, lineage: null, answered_by: [], due_ms: null, touched_ms: 0 };

function arrive(mail: TeachingMail, lineage: Lineage, { answered_by }: ActState, at_ms: number) {
  const waits = mail.awaits && mail.act === '' && answered_by.length === 0;
  // Since it is here: of an old mail that is handed in the answers are too, after it.
  const due_ms = waits ? at_ms + unanswered_after_ms : null;
  return {
    state: { mail, lineage: { ...lineage, hops: [] }, answered_by, due_ms, touched_ms: at_ms },
    emit: {
      example: [
        ...(mail.act === '' ? [] : [exampleOf(mail, mail.owner.mailbox, mail.act)]),
        ...answered_by.map(mailbox => exampleOf(mail, mailbox, 'replied')),
      ],
    },
  };
}

function answer(mailbox: string, before: ActState, at_ms: number) {
  const { mail, answered_by } = before;
  if (answered_by.includes(mailbox) || answered_by.length >= answers_max) return {};
  const state = { ...before, answered_by: [...answered_by, mailbox], due_ms: null, touched_ms: at_ms };
  return mail === null ? { state } : { state, emit: { example: exampleOf(mail, mailbox, 'replied') } };
}

function exampleOf(mail: TeachingMail, mailbox: string, act: string): Draft<ImportanceExample> {
  return { organization_id: mail.owner.organization_id, mailbox, act, mail };
}
