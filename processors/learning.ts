/**
 * Learns from what users say of mails: a correction of each model in each organisation, of importance in each mailbox.
 *
 * The state is the newest feedback itself, as features. Each new piece makes the correction anew from all of it, so a
 * version is a function of the feedback that it was made of, and a replay makes the same versions.
 */
import { Corrector, correct, logLoss } from '../lib/correction.ts';
import type { Draft } from '../lib/lineage.ts';
import { defineProcessor } from '../lib/processor.ts';
import {
  type Email,
  type Feedback,
  type FeedbackExample,
  type Learning,
  type Learnt,
  learningSchema,
} from '../schemas/generated.ts';
import { type LearningModel, labels } from '../schemas/labels.ts';
import { topics } from '../schemas/topics.ts';
import { importanceHash, learningFeatures } from './learning/features.ts';
import type { ImportanceFeature } from './mail/importance.ts';
import { shippedSays } from './mail/index.ts';

/** What is older has been forgotten; a correction of so many takes a tenth of a second to make. */
export const examples_max = 500;
/** The newest piece of feedback counts so much for the mean losses. */
const newest_share = 0.05;

const inputs = { feedback: topics.feedback };
const outputs = { learnt: topics.learnt };

/** `told` hears of each version; a transaction that is repeated tells it again. */
export const learning = (told: (learnt: Draft<Learnt>) => void = () => {}) =>
  defineProcessor<typeof inputs, Learning, typeof outputs>({
    name: 'learning',
    version: 1,
    inputs,
    state: learningSchema,
    outputs,
    on: {
      feedback(feedback, before) {
        const label = labelOf(feedback);
        if (label === null) {
          return { reject: { cause: 'schema', message: `${feedback.model} has no label ${feedback.label}` } };
        }
        const example = exampleOf(feedback, label);
        // Said of the same mail again, the newer holds.
        const others = before?.examples.filter(({ email_id }) => email_id !== example.email_id) ?? [];
        const examples = [...others, example].slice(-examples_max);
        const correction = correct(examples, example.said.length);
        const version = (before?.version ?? 0) + 1;
        const losses = lossesWith(before, example);
        const { owner, model, feedback_id: caused_by, said_at_ms: learnt_at_ms } = feedback;
        const learnt = {
          organization_id: owner.organization_id,
          mailbox: model === 'importance' ? owner.mailbox : '',
          ...{ model, version, correction, ...losses, caused_by, learnt_at_ms },
          examples: examples.length,
        };
        told(learnt);
        return { state: { version, correction, ...losses, examples }, emit: { learnt } };
      },
    },
  });

/** A class; null where the model has no such label. */
function labelOf({ model, label }: Feedback): number | null {
  const known: readonly string[] = Object.hasOwn(labels, model) ? labels[model as LearningModel] : [];
  const at = known.indexOf(label);
  return at < 0 ? null : at;
}

function exampleOf({ email, model }: Feedback, label: number): FeedbackExample {
  const { said, importance_features } = shippedSays(email);
  const seen = model === 'importance' ? named(importance_features) : worded(email);
  return { email_id: email.email_id, ...seen, said: [...said[model as LearningModel]], label };
}

function worded(email: Email): Pick<FeedbackExample, 'features' | 'values'> {
  const bag = learningFeatures(email);
  return {
    features: Array.from(bag.index.subarray(0, bag.length)),
    values: Array.from(bag.value.subarray(0, bag.length)),
  };
}

const named = (features: readonly ImportanceFeature[]): Pick<FeedbackExample, 'features' | 'values'> => ({
  features: features.map(({ feature }) => importanceHash(feature)),
  values: features.map(({ strength }) => strength),
});

type Losses = Pick<Learning, 'log_loss' | 'shipped_log_loss'>;

/** How well it was foreseen, by what was learnt before it and by the shipped model alone. */
function lossesWith(before: Learning | null, { said, features, values, label }: FeedbackExample): Losses {
  const shipped = logLoss(said, label);
  if (before === null) return { log_loss: shipped, shipped_log_loss: shipped };
  const corrected = logLoss(new Corrector(before.correction).scores(said, features, values), label);
  return {
    log_loss: before.log_loss + newest_share * (corrected - before.log_loss),
    shipped_log_loss: before.shipped_log_loss + newest_share * (shipped - before.shipped_log_loss),
  };
}
