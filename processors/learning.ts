/**
 * Learns from what users say of mails, a correction of each model in each organisation, of importance in each mailbox; and of
 * importance from what the mailbox's owner did with mails too (acts.ts).
 *
 * The state is the newest feedback itself, as features. Each new piece makes the correction anew from all of it, so a
 * version is a function of the feedback that it was made of, and a replay makes the same versions.
 */
import { type Correction, Corrector, correct, logLoss } from '../lib/correction.ts';
import type { Draft } from '../lib/lineage.ts';
import { defineProcessor, type StepResult } from '../lib/processor.ts';
import {
  type Email,
  type Feedback,
  type FeedbackExample,
  type Learning,
  type Learnt,
  learningSchema,
} from '../schemas/generated.ts';
import { type LearningModel, labels } from '../schemas/labels.ts';
import { learntKey, topics } from '../schemas/topics.ts';
import { isAsStrong } from './learning/acts.ts';
import { exampleOfAct, isMark, keptOf, weighed, weightOf } from './learning/examples.ts';
import { hashedFeatures, learningFeatures, senderOf } from './learning/features.ts';
import { hasRoom } from './learning/room.ts';
import { shippedSays } from './mail/index.ts';

/** The newest piece of feedback counts so much for the mean losses; what was done with a mail, by its weight. */
const newest_share = 0.05;
/**
 * A version is written whole. Of what was done with mails one is made when so much of what it is made of is new: an import of
 * many makes few, and the first handful one each.
 */
const waiting_share = 0.1;

/**
 * The table that every enrichment has holds so much and no more (lib/table.ts), a version made of acts some 7 kB: of further mailboxes
 * nothing is learnt before somebody marks a mail.
 */
const taught_max = 4_000;

const inputs = { feedback: topics.feedback, example: topics.importanceExample };
const outputs = { learnt: topics.learnt };
const tables = { learnt: topics.learnt };

/** Hears of each version, and null of one that was not made since the table has no room; a transaction that is repeated tells it again. */
type Told = (learnt: Draft<Learnt> | null) => void;

export const learning = (told: Told = () => {}) =>
  defineProcessor<typeof inputs, Learning, typeof outputs, typeof tables>({
    name: 'learning',
    version: 3,
    inputs,
    tables,
    state: learningSchema,
    outputs,
    on: {
      feedback(feedback, before, { tables }) {
        const label = labelOf(feedback);
        if (label === null) {
          return { reject: { cause: 'schema', message: `${feedback.model} has no label ${feedback.label}` } };
        }
        const example = exampleOf(feedback, label);
        // Said of the same mail again, the newer holds.
        const state = stateWith(before, example);
        const { owner, model, feedback_id: caused_by, said_at_ms: learnt_at_ms } = feedback;
        const { organization_id } = owner;
        const mailbox = model === 'importance' ? owner.mailbox : '';
        return next(state, example, { organization_id, mailbox, model, caused_by, learnt_at_ms }, tables.learnt, told);
      },
      example({ organization_id, mailbox, act, mail }, before, { at_ms: learnt_at_ms, tables }) {
        const example = exampleOfAct(mail, act);
        if (example === null) return { reject: { cause: 'schema', message: `nothing is learnt from ${act}` } };
        const isKnown = tables.learnt.has(learntKey(organization_id, 'importance', mailbox));
        if (before === null && !isKnown && tables.learnt.size >= taught_max) return {};
        const known = before?.examples.find(({ email_id }) => email_id === mail.email_id);
        if (known && !isAsStrong(act, known.act)) return {};
        const state = stateWith(before, example);
        if (!state.examples.includes(example)) return {};
        const done = state.examples.filter(one => !isMark(one)).length;
        if (state.waiting < Math.floor(waiting_share * done)) return { state };
        const caused_by = mail.email_id;
        const of = { organization_id, mailbox, model: 'importance', caused_by, learnt_at_ms };
        return next(state, example, of, tables.learnt, told);
      },
    },
  });

const nothing: Learning = {
  ...{ version: 0, log_loss: 0, shipped_log_loss: 0, examples: [], waiting: 0 },
  correction: { features: [], weights: [], mixing: [], bias: [] },
};

/** One more told, and nothing learnt from it yet. */
function stateWith(before: Learning | null, example: FeedbackExample): Learning {
  const state = before ?? nothing;
  const others = state.examples.filter(({ email_id }) => email_id !== example.email_id);
  const examples = keptOf([...others, example]);
  return { ...state, ...lossesWith(state, example), examples, waiting: state.waiting + 1 };
}

/** The next version, of all that is known; none where the table has no room for it, and the one before holds. */
function next(
  state: Learning,
  { said }: FeedbackExample,
  of: Pick<Learnt, 'organization_id' | 'mailbox' | 'model' | 'caused_by' | 'learnt_at_ms'>,
  table: ReadonlyMap<string, Learnt>,
  told: Told,
): StepResult<Learning, typeof outputs> {
  const { log_loss, shipped_log_loss } = state;
  const used = weighed(state.examples);
  // Where nobody answers, that somebody was not answered says nothing.
  if (used.length === 0) return { state };
  const correction = correct(used, said.length);
  if (!hasRoom(table, { ...of, correction })) {
    told(null);
    return { state: { ...state, waiting: 0 } };
  }
  const version = state.version + 1;
  const counts = { examples: used.length, acts: used.filter(one => !isMark(one)).length };
  const learnt = { ...of, version, correction, log_loss, shipped_log_loss, ...counts };
  told(learnt);
  return { state: { ...state, version, correction, waiting: 0 }, emit: { learnt } };
}

/** A class; null where the model has no such label. */
function labelOf({ model, label }: Feedback): number | null {
  const known: readonly string[] = Object.hasOwn(labels, model) ? labels[model as LearningModel] : [];
  const at = known.indexOf(label);
  return at < 0 ? null : at;
}

function exampleOf({ email, model }: Feedback, label: number): FeedbackExample {
  const { said, importance_features } = shippedSays(email);
  const seen = model === 'importance' ? hashedFeatures(importance_features) : worded(email);
  const { email_id } = email;
  const of = { email_id, sender: senderOf(email), received_at_ms: email.received_at_ms, act: 'marked' };
  return { ...of, ...seen, said: said[model as LearningModel].map(Math.fround), label };
}

function worded(email: Email): Pick<FeedbackExample, 'features' | 'values'> {
  const bag = learningFeatures(email);
  return {
    features: Array.from(bag.index.subarray(0, bag.length)),
    values: Array.from(bag.value.subarray(0, bag.length)),
  };
}

type Losses = Pick<Learning, 'log_loss' | 'shipped_log_loss'>;

/** How well it was foreseen, by what was learnt before it and by the shipped model alone. */
function lossesWith(before: Learning, example: FeedbackExample): Losses {
  const { said, features, values, label } = example;
  const shipped = logLoss(said, label);
  if (before.version === 0) return { log_loss: shipped, shipped_log_loss: shipped };
  const corrected = logLoss(correctorOf(before.correction).scores(said, features, values), label);
  const share = newest_share * weightOf(example);
  return {
    log_loss: before.log_loss + share * (corrected - before.log_loss),
    shipped_log_loss: before.shipped_log_loss + share * (shipped - before.shipped_log_loss),
  };
}

/** Many examples are held against one version. */
const correctors = new WeakMap<Correction, Corrector>();

function correctorOf(correction: Correction): Corrector {
  const corrector = correctors.get(correction) ?? new Corrector(correction);
  correctors.set(correction, corrector);
  return corrector;
}
