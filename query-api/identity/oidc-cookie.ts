/**
 * What a browser carries while somebody signs in by a provider, so that any API instance can go on with it and none keeps anything.
 *
 *   none ──begin──▶ begun: what the provider's answer must match ──callback──▶ done: a refresh token ──collected──▶ none
 *
 * The one cookie is sealed by our secret, is not to be read by any script, and ends by itself. By it an answer is bound to the
 * browser that asked: a stranger's answer, put before somebody else, does not sign him in as the stranger.
 */
import { z } from 'zod';
import type { HttpRequest } from '../../lib/http.ts';
import type { Tokens } from '../auth/tokens.ts';
import { cookieOf, setCookie } from '../cookies.ts';

const begun = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), until_ms: z.number() });
const done = z.object({ refresh_token: z.string(), until_ms: z.number() });

/** Of a sign-in that the provider is to answer. */
export type Begun = Omit<z.output<typeof begun>, 'until_ms'>;

export interface OidcCookie {
  /** Each is the header's value. */
  begin(values: Begun): string;
  finish(refresh_token: string): string;
  clear(): string;
  /** Null where there is none, it has ended, or it is not by us. */
  begun(request: HttpRequest): Begun | null;
  /** The refresh token. */
  done(request: HttpRequest): string | null;
}

/** As long as somebody may take to type a password and a code at the provider. */
const begun_lifetime_s = 10 * 60;
/** As long as the page may take to load. */
const done_lifetime_s = 60;

export function createOidcCookie(tokens: Pick<Tokens, 'seal' | 'isSealed'>, secure: boolean): OidcCookie {
  // With this prefix a browser takes it from this very host alone, and from no neighbour of its domain.
  const name = secure ? '__Host-millrace-oidc' : 'millrace-oidc';
  const sealedText = (kind: string, payload: string): string => `oidc-cookie ${kind} ${payload}`;

  function sealed(kind: 'begun' | 'done', values: object, lifetime_s: number): string {
    const text = JSON.stringify({ ...values, until_ms: Date.now() + lifetime_s * 1_000 });
    const payload = Buffer.from(text).toString('base64url');
    return `${payload}.${tokens.seal(sealedText(kind, payload))}`;
  }

  function opened<T extends { until_ms: number }>(kind: string, schema: z.ZodType<T>, request: HttpRequest): T | null {
    const [payload = '', seal = ''] = (cookieOf(request, name) ?? '').split('.');
    if (!tokens.isSealed(sealedText(kind, payload), seal)) return null;
    const values = schema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    return values.until_ms > Date.now() ? values : null;
  }

  return {
    // Lax: the provider sends the browser back to us, which Strict would take for a stranger's doing.
    begin: values =>
      setCookie(name, sealed('begun', values, begun_lifetime_s), {
        ...{ lifetime_s: begun_lifetime_s, same_site: 'Lax', secure },
      }),
    finish: refresh_token =>
      setCookie(name, sealed('done', { refresh_token }, done_lifetime_s), {
        ...{ lifetime_s: done_lifetime_s, same_site: 'Strict', secure },
      }),
    clear: () => setCookie(name, '', { lifetime_s: 0, same_site: 'Strict', secure }),
    begun: request => opened('begun', begun, request),
    done: request => opened('done', done, request)?.refresh_token ?? null,
  };
}
