/** The library: questions that were saved and the links to them, as control state beside the directory. */
import { type Change, type ControlState, changeOf, forgetting } from '../../lib/control-state.ts';
import type { Question, Share } from '../../schemas/generated.ts';
import { topics } from '../../schemas/topics.ts';

export const library_topics = [topics.question, topics.share] as const;

export interface Library {
  question(question_id: string): Question | undefined;
  questions(): Iterable<Question>;
  share(share_id: string): Share | undefined;
  shares(): Iterable<Share>;
  loaded(): Promise<void>;
  /** Settles when all that other instances wrote until now is known. */
  caughtUp(): Promise<void>;
  /** What `decide` answers holds when this settles; it sees all that was ever written. What it throws is thrown. */
  change(decide: () => LibraryChange): Promise<void>;
}

/** Records as they are to be from now on, each with the version after its present one. */
export interface LibraryChange {
  readonly questions?: readonly Question[];
  readonly forgotten_questions?: readonly Question[];
  readonly shares?: readonly Share[];
  readonly forgotten_shares?: readonly Share[];
}

export function createLibrary(control: ControlState): Library {
  const questions = control.of(topics.question);
  const shares = control.of(topics.share);
  return {
    question: question_id => questions.get(question_id),
    questions: () => questions.values(),
    share: share_id => shares.get(share_id),
    shares: () => shares.values(),
    loaded: control.loaded,
    caughtUp: control.caughtUp,
    change: decide => control.change(() => changesOf(decide())),
  };
}

const changesOf = (change: LibraryChange): Change[] => [
  ...(change.questions ?? []).map(record => changeOf(topics.question, record)),
  ...(change.forgotten_questions ?? []).map(record => forgetting(topics.question, record)),
  ...(change.shares ?? []).map(record => changeOf(topics.share, record)),
  ...(change.forgotten_shares ?? []).map(record => forgetting(topics.share, record)),
];
