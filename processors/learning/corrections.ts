/** What was learnt from users, as the enrichment uses it. */
import { Corrector } from '../../lib/correction.ts';
import type { Email, Learnt } from '../../schemas/generated.ts';
import type { LearningModel } from '../../schemas/labels.ts';
import { learntKey } from '../../schemas/topics.ts';
import { learningFeatures } from './features.ts';

/** What a model says of each of its classes, a log-odds each; of yes or no, one. */
export type Said = Readonly<Record<LearningModel, readonly number[]>>;

export interface Corrected {
  readonly scores: Float64Array;
  /** Of the correction. */
  readonly version: number;
  readonly examples: number;
}

export interface Corrections {
  /** What the model says of the mail, corrected; null where nothing was learnt. */
  correct(model: LearningModel, said: readonly number[]): Corrected | null;
}

const correctors = new WeakMap<Learnt, Corrector>();

/** Those for a mail, by whose it is; null where nothing was learnt of any. */
export function correctionsFor(learnt: ReadonlyMap<string, Learnt>, email: Email): Corrections | null {
  if (learnt.size === 0) return null;
  const { organization_id, mailbox } = email.owner;
  return {
    correct(model, said) {
      const known = learnt.get(learntKey(organization_id, model, model === 'importance' ? mailbox : ''));
      if (known === undefined || known.correction.bias.length !== said.length) return null;
      const corrector = correctors.get(known) ?? new Corrector(known.correction);
      correctors.set(known, corrector);
      const bag = learningFeatures(email);
      const { version, examples } = known;
      return { scores: corrector.scores(said, bag.index, bag.value, bag.length), version, examples };
    },
  };
}
