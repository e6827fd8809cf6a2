/** Signing in, out, and on: the requests that carry no token. */
import { ApiError, problem, request_timeout_ms } from './api.ts';
import { isRow, row, text } from './decode.ts';
import type { Browser, Tokens } from './session.ts';
import { SessionEnded, takeFragment, tokensOf } from './session.ts';

export interface Methods {
  password: boolean;
  /** What the provider's button says; null where there is none. */
  oidc: string | null;
}

export const provider_path = '/api/session/oidc';

export async function readMethods(): Promise<Methods> {
  const { password, oidc } = row(await ask('/api/session/methods', 'GET'));
  return { password: password === true, oidc: isRow(oidc) ? text(oidc.label) : null };
}

export const signInByPassword = (user: string, password: string): Promise<Tokens> =>
  askTokens('/api/session', { user, password });

/** What came of the provider lies in a cookie that no script can read, and is told once. */
export const collectFromProvider = (): Promise<Tokens> => askTokens(provider_path);

/** Throws SessionEnded, or ApiError where nobody could be asked. */
export async function refresh(refresh_token: string): Promise<Tokens> {
  try {
    return await askTokens('/api/session/refresh', { refresh_token });
  } catch (error) {
    if (error instanceof ApiError && !error.retryable) throw new SessionEnded('The session has ended.');
    throw error;
  }
}

/** The server's part of signing out. Where it cannot be told the session ends by itself. */
export async function endSession(token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  await fetch('/api/session', { method: 'DELETE', headers, keepalive: true }).catch(() => undefined);
}

async function askTokens(path: string, body?: object): Promise<Tokens> {
  const tokens = tokensOf(await ask(path, 'POST', body));
  if (tokens === null) throw new ApiError(200, 'Unreadable answer', 'it holds no token');
  return tokens;
}

async function ask(path: string, method: string, body?: object): Promise<unknown> {
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const signal = AbortSignal.timeout(request_timeout_ms);
  const response = await fetch(path, { method, cache: 'no-store', signal, ...sent }).catch(() => {
    throw new ApiError(0, 'Millrace cannot be reached', 'is it still running?');
  });
  if (!response.ok) throw await problem(response);
  return response.json().catch(() => null);
}

/** Why the provider's sign-in did not succeed, by the word that the API puts into the address (query-api/identity/oidc.ts). */
const reasons: Readonly<Record<string, string>> = {
  denied: 'The sign-in was cancelled.',
  expired: 'The sign-in took too long, or another one was begun meanwhile. Try again.',
  provider: 'The provider did not answer as it should. Try again; if it stays so, the log of the API says why.',
  invalid: 'What the provider answered could not be trusted. The log of the API says why.',
  unverified: 'The provider does not vouch for your mail address, so that nobody can say which user you are.',
  unknown: 'No user here has your mail address. An administrator can add you.',
  disabled: 'An administrator has disabled this user.',
  unavailable: 'Nobody can sign in at the moment. Try again.',
};

/** What `#oidc=…` says: to collect the tokens, or why there are none. Null where it says nothing. */
export function takeProviderWord(browser: Browser): { done: true } | { done: false; reason: string } | null {
  const word = takeFragment(browser, 'oidc');
  if (word === null || word === '') return null;
  if (word === 'done') return { done: true };
  // A word that is not ours is not shown: anybody may have made the address.
  return { done: false, reason: Object.hasOwn(reasons, word) ? (reasons[word] as string) : 'The sign-in failed.' };
}

const place_key = 'millrace.place';

/** The provider sends everybody back to the same address; where he was going is kept meanwhile. */
export function keepPlace({ location, sessionStorage }: Browser): void {
  if (location.hash.startsWith('#trace=')) sessionStorage.setItem(place_key, location.hash);
}

export function returnToPlace({ location, history, sessionStorage }: Browser): void {
  const place = sessionStorage.getItem(place_key);
  sessionStorage.removeItem(place_key);
  if (place?.startsWith('#trace=')) history.replaceState(null, '', location.pathname + location.search + place);
}
