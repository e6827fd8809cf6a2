/**
 * The signed-in session of this tab.
 *
 *   none ──form, provider, #token=──▶ open ──token ends──▶ renewed by the refresh token ──▶ open
 *                                      └──signed out, refused, nothing to renew by──▶ none
 *
 * It is kept in sessionStorage: a reload goes on with it, and it ends with the tab. A cookie would come with every request, the
 * page of a stranger's included; localStorage would outlive the browser on a shared machine. No script but ours runs here
 * (query-api/routes/page.ts), so that none reads it.
 */
import { isRow, number, text } from './decode.ts';

const storage_key = 'millrace.session';
/** A token with less left is renewed first: a request takes time, and clocks differ. */
const spare_ms = 60_000;

export interface Tokens {
  access_token: string;
  /** Null for a token that an operator made: it ends by itself. */
  refresh_token: string | null;
  /** When the access token ends, by this machine's clock. */
  expires_at: number;
}

/** The parts of the browser that the session touches, so that a test can stand in for them. */
export interface Browser {
  location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  history: Pick<History, 'replaceState'>;
  sessionStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}

/** Nothing is left to go on with: sign in again. */
export class SessionEnded extends Error {}

/** What a caller of the API needs of it. */
export interface Credentials {
  /** The token as it is. */
  present(): string;
  /** One that does not end within the next moments. Throws SessionEnded, or ApiError where it cannot be had now. */
  token(): Promise<string>;
  /** Another one than this, which was refused. Throws as `token` does. */
  renewed(refused: string): Promise<string>;
}

export interface Session extends Credentials {
  /** Of no other session of this page. */
  readonly id: number;
  /** Forgets it here; nothing is told to the server. */
  drop(): void;
}

/** What one tab tells the others: a tab that was duplicated has the same session, and a refresh token is taken once. */
export interface Channel {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

export interface SessionOptions {
  tokens: Tokens;
  browser: Browser;
  refresh(refresh_token: string): Promise<Tokens>;
  channel: Channel;
}

let opened = 0;

export function createSession({ tokens, browser, refresh, channel }: SessionOptions): Session {
  let current = tokens;
  let dropped = false;
  let renewing: Promise<string> | null = null;
  keep(current);

  channel.onmessage = ({ data }) => {
    if (!isRow(data) || current.refresh_token === null || data.before !== current.refresh_token) return;
    const next = tokensOf(data.tokens);
    if (next !== null) keep(next);
  };

  function keep(next: Tokens): void {
    current = next;
    browser.sessionStorage.setItem(storage_key, JSON.stringify(next));
  }

  async function renew(): Promise<string> {
    const before = current.refresh_token;
    if (before === null) throw new SessionEnded('The token has ended.');
    const next = await refresh(before);
    if (dropped) throw new SessionEnded('Signed out.');
    // Otherwise another tab was faster, and its token is as new.
    if (current.refresh_token === before) {
      keep(next);
      channel.postMessage({ before, tokens: next });
    }
    return current.access_token;
  }

  function renewOnce(): Promise<string> {
    renewing ??= renew().finally(() => {
      renewing = null;
    });
    return renewing;
  }

  opened += 1;
  return {
    id: opened,
    present: () => current.access_token,
    async token() {
      const ends = current.refresh_token !== null && current.expires_at - spare_ms < Date.now();
      return ends ? renewOnce() : current.access_token;
    },
    async renewed(refused) {
      if (dropped) throw new SessionEnded('Signed out.');
      return current.access_token === refused ? renewOnce() : current.access_token;
    },
    drop() {
      dropped = true;
      channel.onmessage = null;
      channel.close();
      browser.sessionStorage.removeItem(storage_key);
    },
  };
}

/** The operator's token in `#token=…`, or what an earlier load of this tab kept. Null means: ask. */
export function takeTokens(browser: Browser): Tokens | null {
  const given = takeFragment(browser, 'token')?.trim();
  if (given !== undefined && given !== '') return tokenAlone(given);
  try {
    return tokensOf(JSON.parse(browser.sessionStorage.getItem(storage_key) ?? 'null'));
  } catch {
    return null;
  }
}

export const tokenAlone = (access_token: string): Tokens => ({ access_token, refresh_token: null, expires_at: 0 });

/** Of an answer of the API, or of what was kept. */
export function tokensOf(value: unknown): Tokens | null {
  if (!isRow(value) || text(value.access_token) === '') return null;
  const expires_at = 'expires_in' in value ? Date.now() + number(value.expires_in) * 1000 : number(value.expires_at);
  return { access_token: text(value.access_token), refresh_token: text(value.refresh_token) || null, expires_at };
}

/** A value of the address's fragment. It never reached a server, and is removed so that a copied address does not carry it. */
export function takeFragment(browser: Browser, name: string): string | null {
  const value = new URLSearchParams(browser.location.hash.slice(1)).get(name);
  if (value !== null && value !== '') {
    browser.history.replaceState(null, '', browser.location.pathname + browser.location.search);
  }
  return value;
}

/** People paste what the terminal printed: the bare token, a whole address, or a header line. */
export function tokenFromInput(input: string): string {
  const trimmed = input.trim();
  const fragment = /[#?&]token=([^&\s]+)/.exec(trimmed)?.[1];
  return fragment === undefined ? trimmed.replace(/^(authorization:\s*)?bearer\s+/i, '') : decodeURIComponent(fragment);
}
