/** The directory: users, their keys and sessions, as control state (lib/control-state.ts). */
import { type Change, type ControlState, changeOf, forgetting } from '../../lib/control-state.ts';
import type { ApiKey, Session, User } from '../../schemas/generated.ts';
import { topics } from '../../schemas/topics.ts';

export const directory_topics = [topics.user, topics.apiKey, topics.session] as const;

export interface Directory {
  /** In any state, removed ones too. */
  user(user_id: string): User | undefined;
  users(): Iterable<User>;
  key(key_id: string): ApiKey | undefined;
  keys(): Iterable<ApiKey>;
  session(session_id: string): Session | undefined;
  sessions(): Iterable<Session>;
  /** Settles when all that other instances wrote until now is known. */
  caughtUp(): Promise<void>;
  loaded(): Promise<void>;
  /** What `decide` answers holds when this settles; it sees all that was ever written. What it throws is thrown. */
  change(decide: () => Changed): Promise<void>;
}

/** Records as they are to be from now on, each with the version after its present one. */
export interface Changed {
  readonly users?: readonly User[];
  readonly keys?: readonly ApiKey[];
  readonly sessions?: readonly Session[];
  readonly forgotten_sessions?: readonly Session[];
}

export function createDirectory(control: ControlState): Directory {
  const users = control.of(topics.user);
  const keys = control.of(topics.apiKey);
  const sessions = control.of(topics.session);
  return {
    user: user_id => users.get(user_id),
    users: () => users.values(),
    key: key_id => keys.get(key_id),
    keys: () => keys.values(),
    session: session_id => sessions.get(session_id),
    sessions: () => sessions.values(),
    caughtUp: control.caughtUp,
    loaded: control.loaded,
    change: decide => control.change(() => changesOf(decide())),
  };
}

const changesOf = ({ users = [], keys = [], sessions = [], forgotten_sessions = [] }: Changed): Change[] => [
  ...users.map(record => changeOf(topics.user, record)),
  ...keys.map(record => changeOf(topics.apiKey, record)),
  ...sessions.map(record => changeOf(topics.session, record)),
  ...forgotten_sessions.map(record => forgetting(topics.session, record)),
];
