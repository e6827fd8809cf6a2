/** Who may call a route: the credential is found, verified and held against what the route asks for. */
import type { ClickHouse } from '../../lib/clickhouse.ts';
import {
  type HttpRequest,
  Problem,
  type Reply,
  type RequestHead,
  type Route,
  type WholeReply,
} from '../../lib/http.ts';
import type { RateLimiter } from '../../lib/rate-limit.ts';
import type { Audit } from '../identity/audit.ts';
import type { Databases } from '../permission/databases.ts';
import type { Identity, RememberingVerifier, Verifier } from './identity.ts';
import { type Permission, permits } from './roles.ts';

/** `open` asks for nothing, `loopback` for a caller on this machine, `admin` for that role, the rest for a permission. */
export type Access = 'open' | 'loopback' | 'admin' | Permission;

/** Who calls. */
export interface Caller extends Identity {
  /** The tables as he sees them. */
  tables(): Promise<ClickHouse>;
}

export interface ApiRoute extends Omit<Route, 'handler' | 'ready'> {
  readonly access: Access;
  /** What is done here is told to the audit log, in these words; null for what only reads, and for mails that are handed in. */
  readonly audited?: string;
  /** As of `Route`, once it is known who calls and that he may; for a route that is for somebody and not audited. */
  ready?(head: RequestHead, caller: Caller): WholeReply | null;
  /** `caller` is null where the route is for anybody. */
  handler(request: HttpRequest, caller: Caller | null): Promise<Reply>;
}

export interface Gate {
  readonly verifier: RememberingVerifier;
  readonly databases: Pick<Databases, 'of'>;
  readonly audit: Pick<Audit, 'tell'>;
  /** How often each caller may ask: whoever signs in by who he is, others by their address. Null where nobody counts. */
  readonly limiter: RateLimiter | null;
}

export function guarded(route: ApiRoute, gate: Gate): Route {
  return {
    ...route,
    handler: request => admit(route, request, gate),
    ready: head => admitReady(route, head, gate),
  };
}

/** As `admit`, where nothing has to be waited for and nobody is refused; null leaves it to that, uncounted. */
function admitReady({ access, ready }: ApiRoute, head: RequestHead, gate: Gate): WholeReply | null {
  if (ready === undefined || access === 'open' || access === 'loopback') return null;
  const credential = bearerOf(head);
  const identity = credential === null ? null : gate.verifier.known(credential);
  if (identity === null || refusalOf(identity, access) !== null) return null;
  const reply = ready(head, callerOf(identity, gate.databases));
  if (reply !== null) spend(gate.limiter, `user ${identity.subject}`);
  return reply;
}

async function admit(route: ApiRoute, request: HttpRequest, gate: Gate): Promise<Reply> {
  const { verifier, databases, limiter } = gate;
  if (route.access === 'open' || route.access === 'loopback') {
    // Whether it lives, and what it counts, is asked by those who would restart it.
    if (!unlimited.has(route.path)) spend(limiter, addressOf(request));
    if (route.access === 'loopback') requireLoopback(request);
    return route.handler(request, null);
  }
  const identity = await identify(bearerOf(request), verifier).catch(refusal => {
    // Who guesses tokens is counted by where he does it.
    spend(limiter, addressOf(request));
    throw refusal;
  });
  spend(limiter, `user ${identity.subject}`);
  if (route.audited !== undefined) return audited(route, route.audited, request, identity, gate);
  requireAccess(identity, route.access);
  return route.handler(request, callerOf(identity, databases));
}

const callers = new WeakMap<Identity, Caller>();

/** The same for each of his requests. */
function callerOf(identity: Identity, databases: Gate['databases']): Caller {
  const known = callers.get(identity);
  if (known) return known;
  const caller = { ...identity, tables: () => databases.of(identity.sight) };
  callers.set(identity, caller);
  return caller;
}

/** The answer waits for the log: whoever was told that it was done finds it there. */
async function audited(
  route: ApiRoute,
  action: string,
  request: HttpRequest,
  identity: Identity,
  { databases, audit }: Gate,
): Promise<Reply> {
  const { path } = request;
  const deed = {
    actor: identity.subject,
    action,
    object: Object.values(request.parameters).join(' '),
    remote_address: request.remote_address,
  };
  try {
    // The cast: what is audited is for somebody.
    requireAccess(identity, route.access as Permission | 'admin');
    const reply = await route.handler(request, callerOf(identity, databases));
    // What was made is named by its address.
    const object = deed.object || (reply.headers?.location?.split('/').at(-1) ?? '');
    await audit.tell({ ...deed, object, outcome: 'done', details: { status: reply.status, path } });
    return reply;
  } catch (error) {
    if (error instanceof Problem && error.status === 403)
      void audit.tell({ ...deed, outcome: 'refused', details: { path } });
    throw error;
  }
}

export const addressOf = ({ remote_address }: HttpRequest): string => `address ${remote_address}`;
const unlimited: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics']);

/** Throws Problem 429. */
export function spend(limiter: RateLimiter | null, caller: string): void {
  const wait_s = limiter?.take(caller) ?? 0;
  if (wait_s === 0) return;
  const seconds = String(Math.max(1, Math.ceil(wait_s)));
  throw new Problem(429, 'too many requests; `Retry-After` says when to go on', {
    headers: { 'retry-after': seconds },
  });
}

/** Throws Problem 401, or MillraceError `control.unavailable` where nobody can be known at the moment. */
export async function identify(credential: string | null, verifier: Verifier): Promise<Identity> {
  if (credential === null) throw unauthorized('a token is needed: Authorization: Bearer <token>');
  const verdict = await verifier.verify(credential);
  if ('refusal' in verdict) throw unauthorized(verdict.refusal, 'error="invalid_token"');
  return verdict.identity;
}

/** Throws Problem 403. */
export function requireAccess(caller: Pick<Identity, 'role' | 'scopes'>, access: Permission | 'admin'): void {
  const refusal = refusalOf(caller, access);
  if (refusal !== null) throw new Problem(403, refusal);
}

/** Whether both his role and, where he comes with a key, its scopes let him. */
export const may = (caller: Pick<Identity, 'role' | 'scopes'>, access: Permission | 'admin'): boolean =>
  refusalOf(caller, access) === null;

function refusalOf({ role, scopes }: Pick<Identity, 'role' | 'scopes'>, access: Permission | 'admin'): string | null {
  const allowed = access === 'admin' ? role === 'admin' : permits(role, access);
  if (!allowed) return `the role ${role} may not do this: it takes ${access}`;
  if (scopes === null || isWithin(scopes, access)) return null;
  return `the key may not do this: it takes the scope ${access === 'admin' ? 'manage_users' : access}`;
}

/** What is the administrator's alone is as much as to manage users. */
const isWithin = (scopes: readonly Permission[], access: Permission | 'admin'): boolean =>
  scopes.includes(access === 'admin' ? 'manage_users' : access) || (access === 'write_own' && scopes.includes('write'));

/** Throws Problem 403. A proxy on this machine speaks for callers that are not. */
export function requireLoopback(request: HttpRequest): void {
  const forwarded = request.headers.has('x-forwarded-for') || request.headers.has('forwarded');
  if (!request.loopback || forwarded) throw new Problem(403, 'this is answered on the machine itself only');
}

const bearer = 'bearer ';

/** The token or key, in the header that each has. */
export function bearerOf(request: Pick<RequestHead, 'headers'>): string | null {
  const key = request.headers.get('x-api-key');
  if (key !== undefined) return key;
  const text = request.headers.get('authorization') ?? '';
  const token = text.slice(bearer.length);
  const is_bearer = text.slice(0, bearer.length).toLowerCase() === bearer;
  return is_bearer && token !== '' && !token.includes(' ') ? token : null;
}

/** RFC 6750 3: the challenge says how to ask, and whether the token was the fault. */
export function unauthorized(detail: string, fault = ''): Problem {
  const challenge = `Bearer realm="millrace"${fault === '' ? '' : `, ${fault}`}`;
  return new Problem(401, detail, { headers: { 'www-authenticate': challenge } });
}
