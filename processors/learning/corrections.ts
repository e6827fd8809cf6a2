/** What was learnt from users, as the enrichment uses it. */
import { Corrector } from '../../lib/correction.ts';
import type { Learnt, Owner } from '../../schemas/generated.ts';
import type { LearningModel } from '../../schemas/labels.ts';
import { learntKey } from '../../schemas/topics.ts';

export interface LearntModel {
  readonly version: number;
  /** Mails that somebody marked, of those that it was made of. */
  readonly marked: number;
  /** The others, with which something was done. */
  readonly acts: number;
  readonly corrector: Corrector;
}

export interface Corrections {
  /** Null where nothing was learnt. */
  of(model: LearningModel): LearntModel | null;
}

/** Each version's, made once. */
const correctors = new WeakMap<Learnt, Corrector>();

/** Those for a mail, by whose it is; null where nothing was learnt of any. */
export function correctionsFor(
  learnt: ReadonlyMap<string, Learnt>,
  { organization_id, mailbox }: Owner,
): Corrections | null {
  if (learnt.size === 0) return null;
  return {
    of(model) {
      const known = learnt.get(learntKey(organization_id, model, model === 'importance' ? mailbox : ''));
      if (known === undefined) return null;
      const corrector = correctors.get(known) ?? new Corrector(known.correction);
      correctors.set(known, corrector);
      const { version, examples, acts } = known;
      return { version, marked: examples - acts, acts, corrector };
    },
  };
}
