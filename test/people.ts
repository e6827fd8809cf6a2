/** Users of a running instance for a test, and what each of them is told. */

import { openDataDir } from '../cli/data-dir.ts';
import { type ClickHouse, createClickHouse } from '../lib/clickhouse.ts';
import { createTokens } from '../query-api/auth/tokens.ts';
import type { Grant } from '../schemas/generated.ts';
import type { Instance } from './instance.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export interface SignedIn {
  readonly access_token: string;
  readonly refresh_token: string;
}

export interface NewUser {
  readonly user_id: string;
  readonly role?: string;
  readonly mailboxes?: readonly Grant[];
  readonly teams?: readonly Grant[];
  readonly password?: string;
}

export interface People {
  /** Asks with this token or key; null asks without. A body is sent as JSON. */
  ask(credential: string | null, method: string, path: string, body?: unknown): Promise<Answer>;
  /** The same of what answers 2xx, as JSON. */
  json<T>(credential: string | null, method: string, path: string, body?: unknown): Promise<T>;
  /** An operator's, whom everything is allowed. */
  readonly admin: string;
  /** One that an operator signed. */
  operatorToken(subject: string, role: 'admin' | 'manager' | 'user' | 'viewer', lifetime_s?: number): Promise<string>;
  add(user: NewUser): Promise<void>;
  signIn(user_id: string, password: string): Promise<SignedIn>;
}

const isEvent = (body: unknown): boolean => typeof body === 'object' && body !== null && 'specversion' in body;

export const grant = (name: string, bodies: boolean): Grant => ({ name, bodies });

export async function peopleOf(instance: Instance): Promise<People> {
  const tokens = createTokens(openDataDir(instance.data_dir).secrets().jwt);
  const admin = await tokens.sign('operator', 'admin');

  const ask: People['ask'] = async (credential, method, path, body) => {
    const response = await fetch(new URL(path, instance.url), {
      method,
      headers: {
        'content-type': isEvent(body) ? 'application/cloudevents+json' : 'application/json',
        ...(credential === null ? {} : { authorization: `Bearer ${credential}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  async function json<T>(credential: string | null, method: string, path: string, body?: unknown): Promise<T> {
    const { status, text } = await ask(credential, method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  }
  return {
    ask,
    json,
    admin,
    operatorToken: (subject, role, lifetime_s) =>
      tokens.sign(subject, role, lifetime_s === undefined ? {} : { lifetime_s }),
    add: user => json(admin, 'POST', '/api/users', user),
    signIn: (user, password) => json(null, 'POST', '/api/session', { user, password }),
  };
}

/** The instance's tables, by whoever runs it. */
export async function tablesOf(instance: Instance): Promise<ClickHouse> {
  const { clickhouse: url } = await instance.json<{ clickhouse: string }>(['status']);
  const { clickhouse: password } = openDataDir(instance.data_dir).secrets();
  return createClickHouse({ url, user: 'default', password, database: 'millrace' });
}
