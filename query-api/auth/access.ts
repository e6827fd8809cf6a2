/** Who may call a route: the token is found, verified and held against what the route asks for. */
import { type HttpRequest, Problem, type Reply, type Route } from '../../lib/http.ts';
import { type Permission, permits } from './roles.ts';
import type { Identity, Tokens } from './tokens.ts';

/** `open` asks for nothing, `loopback` for a caller on this machine, `admin` for that role, the rest for a permission. */
export type Access = 'open' | 'loopback' | 'admin' | Permission;

export interface ApiRoute extends Route {
  readonly access: Access;
}

export function guarded(route: ApiRoute, tokens: Tokens): Route {
  return { ...route, handler: request => admit(route, request, tokens) };
}

async function admit(route: ApiRoute, request: HttpRequest, tokens: Tokens): Promise<Reply> {
  if (route.access === 'loopback') requireLoopback(request);
  else if (route.access !== 'open') requireAccess(await identify(bearerOf(request), tokens), route.access);
  return route.handler(request);
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
