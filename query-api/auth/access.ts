/** Who may call a route: the token is found, verified and held against what the route asks for. */
import { type HttpRequest, Problem, type Reply, type Route } from '../../lib/http.ts';
import type { RateLimiter } from '../../lib/rate-limit.ts';
import { type Permission, permits } from './roles.ts';
import type { Identity, Tokens } from './tokens.ts';

/** `open` asks for nothing, `loopback` for a caller on this machine, `admin` for that role, the rest for a permission. */
export type Access = 'open' | 'loopback' | 'admin' | Permission;

export interface ApiRoute extends Omit<Route, 'handler'> {
  readonly access: Access;
  /** `caller` is null where the route is for anybody. */
  handler(request: HttpRequest, caller: Identity | null): Promise<Reply>;
}

export interface Gate {
  readonly tokens: Tokens;
  /** How often each caller may ask: whoever signs in by who he is, others by their address. Null where nobody counts. */
  readonly limiter: RateLimiter | null;
}

export function guarded(route: ApiRoute, gate: Gate): Route {
  return { ...route, handler: request => admit(route, request, gate) };
}

async function admit(route: ApiRoute, request: HttpRequest, { tokens, limiter }: Gate): Promise<Reply> {
  if (route.access === 'open' || route.access === 'loopback') {
    // Whether it lives, and what it counts, is asked by those who would restart it.
    if (!unlimited.has(route.path)) spend(limiter, addressOf(request));
    if (route.access === 'loopback') requireLoopback(request);
    return route.handler(request, null);
  }
  const identity = await identify(bearerOf(request), tokens).catch(refusal => {
    // Who guesses tokens is counted by where he does it.
    spend(limiter, addressOf(request));
    throw refusal;
  });
  spend(limiter, `user ${identity.subject}`);
  requireAccess(identity, route.access);
  return route.handler(request, identity);
}

const addressOf = ({ remote_address }: HttpRequest): string => `address ${remote_address}`;
const unlimited: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics']);

/** Throws Problem 429. */
function spend(limiter: RateLimiter | null, caller: string): void {
  const wait_s = limiter?.take(caller) ?? 0;
  if (wait_s === 0) return;
  const seconds = String(Math.max(1, Math.ceil(wait_s)));
  throw new Problem(429, 'too many requests; `Retry-After` says when to go on', {
    headers: { 'retry-after': seconds },
  });
}

/** Throws Problem 401. */
export async function identify(token: string | null, tokens: Tokens): Promise<Identity> {
  if (token === null) throw unauthorized('a token is needed: Authorization: Bearer <token>');
  const verdict = await tokens.verify(token);
  if ('refusal' in verdict) throw unauthorized(verdict.refusal, 'error="invalid_token"');
  return verdict.identity;
}

/** Throws Problem 403. */
export function requireAccess({ role }: Identity, access: Permission | 'admin'): void {
  const allowed = access === 'admin' ? role === 'admin' : permits(role, access);
  if (!allowed) throw new Problem(403, `the role ${role} may not do this: it takes ${access}`);
}

/** Throws Problem 403. A proxy on this machine speaks for callers that are not. */
export function requireLoopback(request: HttpRequest): void {
  const forwarded = request.headers.has('x-forwarded-for') || request.headers.has('forwarded');
  if (!request.loopback || forwarded) throw new Problem(403, 'this is answered on the machine itself only');
}

export function bearerOf(request: HttpRequest): string | null {
  const [scheme, token, ...rest] = (request.headers.get('authorization') ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' && token && rest.length === 0 ? token : null;
}

/** RFC 6750 3: the challenge says how to ask, and whether the token was the fault. */
export function unauthorized(detail: string, fault = ''): Problem {
  const challenge = `Bearer realm="millrace"${fault === '' ? '' : `, ${fault}`}`;
  return new Problem(401, detail, { headers: { 'www-authenticate': challenge } });
}
