/** A directory in memory for tests, and what is in one. */
import type { ApiKey, Session, User } from '../../schemas/generated.ts';
import type { Directory } from './directory.ts';

export interface TestDirectory extends Directory {
  /** As if it had been written, here or by another instance. */
  put(of: { readonly user?: User; readonly key?: ApiKey; readonly session?: Session }): void;
  /** How often it was asked to catch up. */
  readonly caught_up: number;
}

export function testDirectory(...users: readonly User[]): TestDirectory {
  const known = new Map(users.map(user => [user.user_id, user]));
  const keys = new Map<string, ApiKey>();
  const sessions = new Map<string, Session>();
  let caught_up = 0;

  function put({ user, key, session }: Parameters<TestDirectory['put']>[0]): void {
    if (user) known.set(user.user_id, user);
    if (key) keys.set(key.key_id, key);
    if (session) sessions.set(session.session_id, session);
  }

  return {
    put,
    get caught_up() {
      return caught_up;
    },
    user: id => known.get(id),
    users: () => known.values(),
    key: id => keys.get(id),
    keys: () => keys.values(),
    session: id => sessions.get(id),
    sessions: () => sessions.values(),
    loaded: async () => undefined,
    async caughtUp() {
      caught_up++;
    },
    async change(decide) {
      const { users = [], keys: changed = [], sessions: written = [], forgotten_sessions = [] } = decide();
      for (const user of users) put({ user });
      for (const key of changed) put({ key });
      for (const session of written) put({ session });
      for (const { session_id } of forgotten_sessions) sessions.delete(session_id);
    },
  };
}

export const userOf = (user_id: string, more: Partial<User> = {}): User => ({
  user_id,
  name: '',
  email: '',
  role: 'user',
  mailboxes: [],
  teams: [],
  password_hash: null,
  state: 'active',
  tokens_from_ms: 0,
  created_at_ms: 0,
  updated_at_ms: 0,
  version: 1,
  ...more,
});
