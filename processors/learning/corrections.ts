/** What was learnt from users, as the enrichment uses it. */
import { Corrector } from '../../lib/correction.ts';
import type { Email, Learnt, Owner } from '../../schemas/generated.ts';
import type { LearningModel } from '../../schemas/labels.ts';
import { learntKey } from '../../schemas/topics.ts';
import { learningFeatures } from './features.ts';

export interface LearntModel {
  readonly version: number;
  /** Pieces of feedback that it was made of. */
  readonly examples: number;
  readonly corrector: Corrector;
  /** What the model says of the mail, corrected by its words and sender. */
  scores(email: Email, said: readonly number[]): number[];
}

export interface Corrections {
  /** Null where nothing was learnt. */
  of(model: LearningModel): LearntModel | null;
}

const made = new WeakMap<Learnt, LearntModel>();

/** Those for a mail, by whose it is; null where nothing was learnt of any. */
export function correctionsFor(
  learnt: ReadonlyMap<string, Learnt>,
  { organization_id, mailbox }: Owner,
): Corrections | null {
  if (learnt.size === 0) return null;
  return {
    of(model) {
      const known = learnt.get(learntKey(organization_id, model, model === 'importance' ? mailbox : ''));
      return known === undefined ? null : modelOf(known);
    },
  };
}

/** Made once of each version. */
function modelOf(learnt: Learnt): LearntModel {
  const present = made.get(learnt);
  if (present) return present;
  const corrector = new Corrector(learnt.correction);
  const { version, examples } = learnt;
  const model: LearntModel = {
    ...{ version, examples, corrector },
    scores(email, said) {
      const { index, value, length } = learningFeatures(email);
      return corrector.scores(said, index, value, length);
    },
  };
  made.set(learnt, model);
  return model;
}
