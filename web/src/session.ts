/**
 * The signed-in session: a token from the address bar's fragment or the sign-in form, kept for this tab only.
 * The fragment never reaches a server or its log, and it is removed at once so that a copied address carries no token.
 */

const storage_key = 'millrace.token';

export interface Claims {
  sub: string;
  role: string;
  /** When the token ends, in milliseconds since 1970; NaN where it does not say. */
  expires_at: number;
}

/** The parts of the browser that the session touches, so that a test can stand in for them. */
export interface Browser {
  location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  history: Pick<History, 'replaceState'>;
  sessionStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}

/** Takes the token out of `#token=…`, or from where an earlier load of this tab kept it. Null means: ask. */
export function takeToken(browser: Browser): string | null {
  const given = new URLSearchParams(browser.location.hash.slice(1)).get('token')?.trim();
  if (given === undefined || given === '') return browser.sessionStorage.getItem(storage_key);
  browser.history.replaceState(null, '', browser.location.pathname + browser.location.search);
  keepToken(browser, given);
  return given;
}

export function keepToken(browser: Browser, token: string): void {
  browser.sessionStorage.setItem(storage_key, token);
}

export function dropToken(browser: Browser): void {
  browser.sessionStorage.removeItem(storage_key);
}

/** People paste what the terminal printed: the bare token, a whole address, or a header line. */
export function tokenFromInput(input: string): string {
  const trimmed = input.trim();
  const fragment = /[#?&]token=([^&\s]+)/.exec(trimmed)?.[1];
  return fragment === undefined ? trimmed.replace(/^(authorization:\s*)?bearer\s+/i, '') : decodeURIComponent(fragment);
}

/** Reads the claims for display only; whether they are true is the server's to say. Null for what is no JWT. */
export function readClaims(token: string): Claims | null {
  try {
    const payload = token.split('.')[1] ?? '';
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), char => char.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    return {
      sub: typeof claims.sub === 'string' ? claims.sub : '',
      role: typeof claims.role === 'string' ? claims.role : '',
      expires_at: typeof claims.exp === 'number' ? claims.exp * 1000 : Number.NaN,
    };
  } catch {
    return null;
  }
}
