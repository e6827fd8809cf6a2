/** Signing in by a provider over real HTTP, against one that lies where it is told to; the directory is in memory. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ControlState, Versioned } from '../../lib/control-state.ts';
import { type HttpServer, serveHttp } from '../../lib/http.ts';
import { Registry } from '../../lib/metrics.ts';
import type { User } from '../../schemas/generated.ts';
import { guarded } from '../auth/access.ts';
import { createTokens } from '../auth/tokens.ts';
import { createVerifier } from '../auth/verifier.ts';
import type { Deed } from '../identity/audit.ts';
import { createDirectory } from '../identity/directory.ts';
import { personOf } from '../identity/oidc.ts';
import { type OidcSettings, oidcSettings } from '../identity/oidc-settings.ts';
import { createSessions } from '../identity/sessions.ts';
import { client, type Lies, startTestProvider, type TestProvider } from '../identity/test-provider.ts';
import { changed, created, newUser, removed } from '../identity/users.ts';
import { oidcRoutes } from './oidc.ts';
import { sessionRoutes } from './session.ts';

const public_url = 'https://millrace.example';
const tokens = createTokens('a secret of at least thirty-two bytes');
const deeds: Deed[] = [];
const audit = { tell: async (deed: Deed) => void deeds.push(deed) };
let logged = '';
const log = pino(
  new Writable({
    write(chunk, _, done) {
      logged += String(chunk);
      done();
    },
  }),
);

function memory(): ControlState {
  const state = new Map<string, Map<string, Versioned>>();
  const records = (topic: string): Map<string, Versioned> => {
    const known = state.get(topic) ?? new Map<string, Versioned>();
    state.set(topic, known);
    return known;
  };
  return {
    // The cast: a topic's records are of its type.
    of: topic => records(topic.name) as never,
    caughtUp: async () => undefined,
    loaded: async () => undefined,
    async change(decide) {
      for (const { topic, key, record } of decide()) {
        if (record === null) records(topic.name).delete(key);
        else records(topic.name).set(key, record);
      }
    },
    close: async () => undefined,
  };
}

const directory = createDirectory(memory());
const add = (user_id: string, email: string): Promise<void> =>
  directory.change(() => ({
    users: [created(newUser.parse({ user_id, email }), null, directory.user(user_id), directory.users())],
  }));
const alter = (user_id: string, next: (user: User) => User): Promise<void> =>
  directory.change(() => ({ users: [next(directory.user(user_id) as User)] }));

const servers: HttpServer[] = [];
async function serve(given: Partial<OidcSettings> = {}): Promise<string> {
  const settings = oidcSettings.parse({ issuer: provider.issuer, public_url, ...client, ...given });
  const sessions = createSessions({ directory, tokens, onReuse: () => undefined });
  const gate = {
    ...{ verifier: createVerifier(tokens, directory), audit, limiter: null },
    databases: { of: async () => Promise.reject(new Error('no table is asked for')) },
  };
  const routes = [
    ...oidcRoutes({ directory, sessions, tokens, audit, log, settings }),
    ...sessionRoutes({ directory, sessions, audit }),
  ].map(route => guarded(route, gate));
  const server = await serveHttp({ host: '127.0.0.1', port: 0, routes, log, metrics: new Registry() });
  servers.push(server);
  return server.url;
}

let provider: TestProvider;
let url: string;
beforeAll(async () => {
  provider = await startTestProvider();
  await add('ada', 'ada@acme.example');
});
afterAll(async () => {
  for (const server of servers) await server.close();
  await provider.close();
});
beforeEach(async () => {
  // Of its own for each: tries from one address are counted.
  url = await serve();
  provider.lies = {};
  deeds.length = 0;
  logged = '';
});

/** One browser: it keeps the cookie, and reaches what is at the public address. */
function browser(at = url) {
  const self = {
    cookie: '',
    set: '',
    async visit(address: string, method = 'GET'): Promise<Response> {
      const target = new URL(address.replace(public_url, at), at);
      const response = await fetch(target, { method, redirect: 'manual', headers: { cookie: self.cookie } });
      self.set = response.headers.get('set-cookie') ?? '';
      if (self.set !== '') self.cookie = self.set.split(';')[0] as string;
      return response;
    },
    async follow(address: string): Promise<string> {
      return (await self.visit(address)).headers.get('location') ?? '';
    },
    /** Up to the address at which the provider hands it back. */
    toCallback: async (): Promise<string> => self.follow(await self.follow('/api/session/oidc')),
    /** To the page. */
    signIn: async (): Promise<string> => self.follow(await self.toCallback()),
  };
  return self;
}

const page = (word: string): string => `${public_url}/#oidc=${word}`;
const verdict = async (lies: Lies): Promise<string> => {
  provider.lies = lies;
  return browser().signIn();
};

describe('signing in by a provider', () => {
  it('ends with a session, and with no token in any address', async () => {
    const one = browser();
    const asked = new URL(await one.follow('/api/session/oidc'));
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      scope: 'openid email profile',
      redirect_uri: `${public_url}/api/session/oidc/callback`,
      code_challenge_method: 'S256',
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(one.set).toMatch(/^__Host-millrace-oidc=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600; Secure$/);
    expect(await one.follow(await one.follow(asked.href))).toBe(page('done'));
    expect(one.set).toMatch(/; HttpOnly; SameSite=Strict; Max-Age=60; Secure$/);

    const answer = await one.visit('/api/session/oidc', 'POST');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const session = (await answer.json()) as { access_token: string; user_id: string };
    expect(session.user_id).toBe('ada');
    const headers = { authorization: `Bearer ${session.access_token}` };
    expect((await fetch(`${url}/api/session`, { headers })).status).toBe(200);
    expect(one.set).toMatch(/^__Host-millrace-oidc=; .*Max-Age=0/);
    expect(deeds).toEqual([
      expect.objectContaining({ actor: 'ada', action: 'session.create', outcome: 'done', details: expect.anything() }),
    ]);
  });

  it('takes the address from where the provider tells it, in any case', async () => {
    expect(await verdict({ userinfo: { email: 'ADA@Acme.example', email_verified: true } })).toBe(page('done'));
    expect(await verdict({ userinfo: { email: 'ada@acme.example' } })).toBe(page('unverified'));
    expect(await verdict({ userinfo: { sub: 'somebody else', email: 'ada@acme.example' } })).toBe(page('invalid'));
  });

  it('says which ways there are', async () => {
    const answer = await fetch(`${url}/api/session/methods`);
    expect(await answer.json()).toEqual({ password: false, oidc: { label: 'your company account' } });
  });
});

describe('an ID token is refused', () => {
  const past_s = Math.floor(Date.now() / 1_000) - 3_600;
  it.each<[string, Lies]>([
    ['of another nonce', { claims: { nonce: 'another' } }],
    ['without a nonce', { claims: { nonce: undefined } }],
    ['for another audience', { claims: { aud: 'another' } }],
    ['of another issuer', { claims: { iss: 'https://issuer.example' } }],
    ['that has ended', { claims: { exp: past_s } }],
    ['without an end', { claims: { exp: undefined } }],
    ['with alg none', { signature: 'none' }],
    ['signed with the client secret', { signature: 'client secret' }],
    ['by another key of the same name', { signature: 'unknown key' }],
    ['that was altered', { signature: 'altered' }],
  ])('%s', async (_, lies) => {
    expect(await verdict(lies)).toBe(page('invalid'));
    expect(deeds).toEqual([expect.objectContaining({ action: 'session.create', outcome: 'refused' })]);
    expect([...directory.sessions()].length).toBeLessThan(3);
  });
});

describe('somebody is not let in', () => {
  it('whose address is not verified', async () => {
    expect(await verdict({ claims: { email_verified: false } })).toBe(page('unverified'));
    expect(await verdict({ claims: { email_verified: undefined } })).toBe(page('unverified'));
    expect(await verdict({ claims: { email_verified: undefined, xms_edov: true } })).toBe(page('unverified'));
  });

  it('who is no user, or is disabled', async () => {
    expect(await verdict({ claims: { email: 'eve@acme.example' } })).toBe(page('unknown'));
    await add('bob', 'bob@acme.example');
    await alter('bob', user => changed(user, { state: 'disabled' }, null, directory.users()));
    expect(await verdict({ claims: { email: 'bob@acme.example' } })).toBe(page('disabled'));
    expect(deeds.at(-1)).toMatchObject({ actor: 'bob@acme.example', details: { by: 'oidc', reason: 'disabled' } });
  });

  it('who has said no at the provider', async () => {
    const one = browser();
    const state = new URL(await one.follow('/api/session/oidc')).searchParams.get('state');
    expect(await one.follow(`/api/session/oidc/callback?error=access_denied&state=${state}`)).toBe(page('denied'));
  });
});

describe('the way back', () => {
  it('is open to the browser that began, with its own state', async () => {
    const [ada, eve] = [browser(), browser()];
    const callback = await ada.toCallback();
    expect(await eve.follow(callback)).toBe(page('expired'));
    await eve.follow('/api/session/oidc');
    expect(await eve.follow(callback)).toBe(page('expired'));
    expect(await ada.follow(callback)).toBe(page('done'));
  });

  it('is open once: neither the code nor the cookie is taken again', async () => {
    const one = browser();
    const callback = await one.toCallback();
    const begun = one.cookie;
    expect(await one.follow(callback)).toBe(page('done'));
    const done = one.cookie;
    expect(await one.follow(callback)).toBe(page('expired'));
    one.cookie = begun;
    expect(await one.follow(callback)).toBe(page('expired'));
    one.cookie = begun;
    expect((await one.visit('/api/session/oidc', 'POST')).status).toBe(401);
    one.cookie = done;
    expect((await one.visit('/api/session/oidc', 'POST')).status).toBe(200);
    expect((await one.visit('/api/session/oidc', 'POST')).status).toBe(401);
  });

  it('takes no cookie that is not by us', async () => {
    const one = browser();
    const callback = await one.toCallback();
    const [name, value = ''] = one.cookie.split('=');
    const payload = Buffer.from(value.split('.')[0] as string, 'base64url').toString();
    const forged = Buffer.from(payload.replace(/"until_ms":\d+/, '"until_ms":9999999999999')).toString('base64url');
    one.cookie = `${name}=${forged}.${value.split('.')[1]}`;
    expect(await one.follow(callback)).toBe(page('expired'));
  });

  it('leads to the page and nowhere else', async () => {
    const one = browser();
    const callback = await one.toCallback();
    expect(await one.follow(`${callback}&redirect_uri=https://evil.example&next=//evil.example`)).toBe(page('done'));
    expect((await one.visit('/api/session/oidc?next=https://evil.example')).status).toBe(400);
  });

  it('exchanges a code with the verifier of its own browser alone', async () => {
    const [ada, eve] = [browser(), browser()];
    const code = new URL(await ada.toCallback()).searchParams.get('code') as string;
    const own = new URL(await eve.toCallback());
    own.searchParams.set('code', code);
    expect(await eve.follow(own.href)).toBe(page('expired'));
  });
});

it('is tried so often from one address and no more', async () => {
  const statuses: number[] = [];
  for (let i = 0; i < 70; i++) statuses.push((await browser().visit('/api/session/oidc/callback')).status);
  expect(statuses.slice(0, 60)).toEqual(Array(60).fill(302));
  expect(statuses.slice(60)).toContain(429);
});

describe('a provider that is away', () => {
  it('is told of, and asked again with the next sign-in', async () => {
    expect(await verdict({ status: 503 })).toBe(page('provider'));
    const away = await serve({ issuer: 'http://127.0.0.1:9' });
    expect(await browser(away).follow('/api/session/oidc')).toBe(page('provider'));
    provider.lies = { issuer: 'https://somebody-else.example' };
    const lying = await serve();
    expect(await browser(lying).follow('/api/session/oidc')).toBe(page('provider'));
    expect(logged).toContain('does not match the expected issuer');
    provider.lies = {};
    expect(await browser(lying).signIn()).toBe(page('done'));
  });

  it('whose client secret is wrong is the operator’s concern', async () => {
    const wrong = await serve({ client_secret: 'another' });
    expect(await browser(wrong).signIn()).toBe(page('provider'));
    expect(logged).toContain('invalid_client');
  });
});

it('keeps secrets, codes and tokens out of the log', async () => {
  const one = browser();
  const callback = new URL(await one.toCallback());
  provider.lies = { claims: { nonce: 'another' } };
  await one.follow(callback.href);
  expect(logged).toContain('"reason":"invalid"');
  for (const secret of [client.client_secret, callback.searchParams.get('code'), callback.searchParams.get('state')]) {
    expect(logged).not.toContain(secret);
  }
  expect(logged).not.toContain('ada@acme.example');
});

describe('users are added where that was asked for', () => {
  const as = (email: string, name = 'New'): Lies => ({ claims: { email, name } });

  it('from the domains that were named, in the role that was named', async () => {
    const adding = await serve({ create_users: true, domains: ['acme.example'], default_role: 'user' });
    provider.lies = as('new@acme.example');
    expect(await browser(adding).signIn()).toBe(page('done'));
    expect(await browser(adding).signIn()).toBe(page('done'));
    expect(directory.user('new@acme.example')).toMatchObject({ role: 'user', name: 'New', version: 1 });
    expect(deeds.map(({ action }) => action)).toEqual(['user.create', 'session.create', 'session.create']);
    provider.lies = as('o+ne@acme.example');
    expect(await browser(adding).signIn()).toBe(page('done'));
    for (const email of ['new@other.example', 'new@sub.acme.example', 'new@acme.example@other.example']) {
      provider.lies = as(email);
      expect(await browser(adding).signIn()).toBe(page('unknown'));
    }
  });

  it('but nobody who was removed', async () => {
    const adding = await serve({ create_users: true, domains: ['acme.example'] });
    await alter('new@acme.example', removed);
    provider.lies = as('new@acme.example');
    expect(await browser(adding).signIn()).toBe(page('unknown'));
  });
});

describe('personOf', () => {
  const entra = 'https://login.microsoftonline.com/0b1c/v2.0';
  const email = 'Ada@Acme.example';

  it('takes Entra’s word for a domain that its tenant has proven', () => {
    expect(personOf({ email, xms_edov: true }, entra)).toEqual({ email: 'ada@acme.example', name: '' });
    expect(personOf({ email, xms_edov: '1' }, entra).email).toBe('ada@acme.example');
    for (const claims of [{ email }, { email, xms_edov: false }, { email, xms_edov: true, email_verified: false }]) {
      expect(() => personOf(claims, entra)).toThrow(/not verified/);
    }
  });

  it('takes no name for an address', () => {
    expect(() => personOf({ preferred_username: email, email_verified: true }, entra)).toThrow(/names no mail/);
  });
});

describe('the settings', () => {
  const good = { issuer: 'https://issuer.example', public_url, ...client };
  const faults = (given: object): string[] =>
    oidcSettings.safeParse({ ...good, ...given }).error?.issues.map(({ path }) => path.join('.')) ?? [];

  it('take nothing that would send a sign-in in the clear, or let everybody in', () => {
    expect(faults({})).toEqual([]);
    expect(faults({ issuer: 'http://issuer.example' })).toEqual(['issuer']);
    expect(faults({ public_url: 'http://millrace.example' })).toEqual(['public_url']);
    expect(faults({ public_url: 'http://localhost:8088/' })).toEqual([]);
    expect(faults({ public_url: 'https://millrace.example/page' })).toEqual(['public_url']);
    expect(faults({ create_users: true })).toEqual(['domains']);
  });
});
