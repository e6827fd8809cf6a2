/** Cookies (RFC 6265). Sign-in by a provider alone has one: tokens travel in a header. */
import type { HttpRequest } from '../lib/http.ts';

/** The first of this name. */
export function cookieOf(request: HttpRequest, name: string): string | null {
  // Requests that were brought together by HTTP/2 proxies part them by a comma, as lib/http-exchange.ts does.
  for (const pair of (request.headers.get('cookie') ?? '').split(/[;,]/)) {
    const [key, ...value] = pair.split('=');
    if (key?.trim() === name) return value.join('=').trim();
  }
  return null;
}

export interface CookieOptions {
  readonly lifetime_s: number;
  readonly same_site: 'Lax' | 'Strict';
  readonly secure: boolean;
}

/** For the whole origin and no script of it. */
export const setCookie = (name: string, value: string, { lifetime_s, same_site, secure }: CookieOptions): string =>
  `${name}=${value}; Path=/; HttpOnly; SameSite=${same_site}; Max-Age=${lifetime_s}${secure ? '; Secure' : ''}`;
