/**
 * Signing in by a provider (identity/oidc.ts): there, back, and into the page.
 *
 * No token is in any address, so that none is in a history or a log: the browser comes back with a cookie that no script can read,
 * and the page exchanges it for tokens, once, within a minute. Where things go wrong the page is told a word for it: a text
 * in an address could be anybody's.
 */
import { z } from 'zod';
import { messageOf } from '../../lib/errors.ts';
import { type HttpRequest, json, Problem, type Reply } from '../../lib/http.ts';
import type { Logger } from '../../lib/log.ts';
import { createRateLimiter } from '../../lib/rate-limit.ts';
import { addressOf, spend } from '../auth/access.ts';
import type { Tokens } from '../auth/tokens.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import type { Audit } from '../identity/audit.ts';
import type { Directory } from '../identity/directory.ts';
import { callback_path, createProvider, Refusal } from '../identity/oidc.ts';
import { createOidcCookie } from '../identity/oidc-cookie.ts';
import type { OidcSettings } from '../identity/oidc-settings.ts';
import { userOf } from '../identity/oidc-users.ts';
import type { Sessions } from '../identity/sessions.ts';
import { signedIn } from './session.ts';

export interface OidcRoutes {
  readonly directory: Directory;
  readonly sessions: Sessions;
  readonly tokens: Pick<Tokens, 'seal' | 'isSealed'>;
  readonly audit: Pick<Audit, 'tell'>;
  readonly log: Logger;
  /** Undefined where nobody signs in by a provider. */
  readonly settings: OidcSettings | undefined;
}

const path = '/api/session/oidc';
const tag = 'Signing in';
/** Of one address: a whole office may have the same, and each asks the provider something. */
const tries = { requests_per_second: 1, burst: 60 };
const location = { Location: 'Where the browser goes' };

const methods = z
  .object({
    password: z.boolean().describe('Whether somebody has a password'),
    oidc: z.object({ label: z.string() }).nullable().describe('By a provider, at GET /api/session/oidc; null for none'),
  })
  .meta({ id: 'SignInMethods' });

export function oidcRoutes(parts: OidcRoutes): DescribedRoute[] {
  const { directory, settings } = parts;
  const flow = settings && createFlow(parts, settings);
  const byAddress = createRateLimiter(tries);

  function flowFor(request: HttpRequest): Flow {
    if (flow === undefined) throw new Problem(404, 'no provider is configured: api.oidc in docs/configuration.md');
    spend(byAddress, addressOf(request));
    return flow;
  }

  return [
    describe({
      method: 'GET',
      path: '/api/session/methods',
      access: 'open',
      tag,
      summary: 'By what one may sign in here',
      answers: { 200: { description: 'The ways in', schema: methods } },
      async handle() {
        await directory.loaded();
        const password = [...directory.users()].some(user => user.state === 'active' && user.password_hash !== null);
        return json(200, { password, oidc: settings === undefined ? null : { label: settings.label } });
      },
    }),
    describe({
      method: 'GET',
      path,
      access: 'open',
      tag,
      summary: 'Sign in by the provider: for a browser, which is sent there',
      answers: {
        302: { description: 'To the provider, or back to the page with a reason', headers: location, empty: true },
      },
      handle: async ({ request }) => flowFor(request).begin(),
    }),
    describe({
      method: 'GET',
      path: callback_path,
      access: 'open',
      tag,
      summary: 'Where the provider sends the browser back to',
      query: z.looseObject({}),
      answers: { 302: { description: 'To the page', headers: location, empty: true } },
      handle: async ({ request }) => flowFor(request).finish(request),
    }),
    describe({
      method: 'POST',
      path,
      access: 'open',
      tag,
      summary: 'The tokens, for the page that has come back from the provider: once, within a minute',
      answers: { 200: { description: 'Signed in', schema: signedIn } },
      problems: [401],
      handle: async ({ request }) => flowFor(request).collect(request),
    }),
  ];
}

interface Flow {
  begin(): Promise<Reply>;
  finish(request: HttpRequest): Promise<Reply>;
  /** Throws Problem 401. */
  collect(request: HttpRequest): Promise<Reply>;
}

function createFlow({ directory, sessions, tokens, audit, log }: OidcRoutes, settings: OidcSettings): Flow {
  const provider = createProvider(settings);
  const cookie = createOidcCookie(tokens, settings.public_url.startsWith('https:'));
  const toPage = (fragment: string, set_cookie: string): Reply =>
    redirect(`${settings.public_url}/#${fragment}`, set_cookie);

  function refused(error: unknown): { reply: Reply; refusal: Refusal } {
    const refusal = error instanceof Refusal ? error : new Refusal('unavailable', messageOf(error));
    log.warn({ reason: refusal.reason, error: refusal.message }, 'nobody signed in by the provider');
    return { refusal, reply: toPage(`oidc=${refusal.reason}`, cookie.clear()) };
  }

  async function signIn(request: HttpRequest): Promise<string> {
    const begun = cookie.begun(request);
    if (begun === null) throw new Refusal('expired', 'the browser has not begun, or too long ago');
    const person = await provider.finish(request.query, begun);
    const { user, is_new } = await userOf(person, directory, settings);
    const { refresh_token } = await sessions.open(user);
    const deed = { actor: user.user_id, object: user.user_id, remote_address: request.remote_address };
    const details = { by: 'oidc', email: person.email };
    if (is_new) await audit.tell({ ...deed, action: 'user.create', outcome: 'done', details });
    await audit.tell({ ...deed, action: 'session.create', outcome: 'done', details });
    return refresh_token;
  }

  return {
    async begin() {
      try {
        const { url, begun } = await provider.begin();
        return redirect(url, cookie.begin(begun));
      } catch (error) {
        return refused(error).reply;
      }
    },
    async finish(request) {
      try {
        return toPage('oidc=done', cookie.finish(await signIn(request)));
      } catch (error) {
        const { reply, refusal } = refused(error);
        const details = { by: 'oidc', reason: refusal.reason };
        const deed = { actor: refusal.email, object: refusal.email, remote_address: request.remote_address, details };
        void audit.tell({ ...deed, action: 'session.create', outcome: 'refused' });
        return reply;
      }
    },
    async collect(request) {
      const refresh_token = cookie.done(request);
      if (refresh_token === null) throw new Problem(401, 'the sign-in by the provider has ended: begin it again');
      // With its first refresh the token of the cookie is used up.
      const session = await sessions.refresh(refresh_token);
      const reply = json(200, session);
      return { ...reply, headers: { ...reply.headers, 'cache-control': 'no-store', 'set-cookie': cookie.clear() } };
    },
  };
}

const redirect = (location: string, set_cookie: string): Reply => ({
  status: 302,
  headers: { location, 'set-cookie': set_cookie, 'cache-control': 'no-store' },
});
