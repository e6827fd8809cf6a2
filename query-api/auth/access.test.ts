import { describe, expect, it } from 'vitest';
import { type HttpRequest, Problem, text } from '../../lib/http.ts';
import { createRateLimiter, type RateLimiter } from '../../lib/rate-limit.ts';
import type { Deed } from '../identity/audit.ts';
import { type Access, type ApiRoute, guarded } from './access.ts';
import { type Permission, permits, type Role, roles } from './roles.ts';
import { createTokens } from './tokens.ts';
import { createVerifier } from './verifier.ts';

const table: Record<Role, Permission[]> = {
  admin: ['read', 'write', 'write_own', 'delete', 'manage_users'],
  manager: ['read', 'write', 'write_own', 'manage_team'],
  user: ['read', 'write_own'],
  viewer: ['read'],
};
const permissions: Permission[] = ['read', 'write', 'write_own', 'delete', 'manage_users', 'manage_team'];

it.each(roles)('the role %s may do what the table says and nothing else', role => {
  expect(permissions.filter(permission => permits(role, permission))).toEqual(
    permissions.filter(permission => table[role].includes(permission)),
  );
});

describe('a guarded route', () => {
  const tokens = createTokens('a secret of at least thirty-two bytes');
  const databases = { of: async () => Promise.reject(new Error('no table is asked for')) };
  const deeds: Deed[] = [];
  const call = async (
    access: Access,
    headers: Record<string, string>,
    loopback = true,
    limiter: RateLimiter | null = null,
    more: Partial<ApiRoute> = {},
  ) => {
    const route = guarded(
      { method: 'GET', path: '/', access, handler: async () => text(200, 'done'), ...more },
      { verifier: createVerifier(tokens), databases, audit: { tell: async deed => void deeds.push(deed) }, limiter },
    );
    const request = {
      path: '/api/thing',
      headers: new Map(Object.entries(headers)),
      loopback,
      remote_address: '192.0.2.1',
      parameters: { id: 'thing' },
    } as unknown as HttpRequest;
    return route.handler(request).then(
      ({ status }) => ({ status, challenge: undefined }),
      (problem: Problem) => ({ status: problem.status, challenge: problem.headers['www-authenticate'] }),
    );
  };
  const as = async (role: Role) => ({ authorization: `Bearer ${await tokens.sign('ada', role)}` });

  it('asks for a token', async () => {
    expect(await call('read', {})).toEqual({ status: 401, challenge: 'Bearer realm="millrace"' });
    expect((await call('read', { authorization: 'Basic YTpi' })).status).toBe(401);
    expect((await call('read', { authorization: 'Bearer nonsense' })).challenge).toContain('invalid_token');
  });

  it('holds the role against what it takes', async () => {
    expect((await call('read', await as('viewer'))).status).toBe(200);
    expect((await call('write_own', await as('viewer'))).status).toBe(403);
    expect((await call('write_own', await as('user'))).status).toBe(200);
    expect((await call('admin', await as('manager'))).status).toBe(403);
    expect((await call('admin', await as('admin'))).status).toBe(200);
  });

  it('that is for this machine refuses others, and proxies that speak for others', async () => {
    expect((await call('loopback', {})).status).toBe(200);
    expect((await call('loopback', {}, false)).status).toBe(403);
    expect((await call('loopback', { 'x-forwarded-for': '192.0.2.1' })).status).toBe(403);
  });

  it('counts whoever signs in by who he is, and others by their address', async () => {
    const limiter = createRateLimiter({ requests_per_second: 0.001, burst: 2 });
    const ask = async (access: Access, headers: Record<string, string>) =>
      (await call(access, headers, true, limiter)).status;
    const ada = await as('viewer');
    expect([await ask('read', ada), await ask('read', ada), await ask('read', ada)]).toEqual([200, 200, 429]);
    // Of an address, whatever is refused counts as well as what is open.
    const guess = { authorization: 'Bearer guess' };
    expect([await ask('read', guess), await ask('open', {}), await ask('open', {})]).toEqual([401, 200, 429]);
    expect(await ask('read', guess)).toBe(429);
  });

  it('tells the audit log what was done and what was refused, and nothing of a fault', async () => {
    deeds.length = 0;
    const audited = { audited: 'thing.do' };
    const deed = { actor: 'ada', action: 'thing.do', object: 'thing', remote_address: '192.0.2.1' };
    await call('write', await as('manager'), true, null, audited);
    await call('write', await as('viewer'), true, null, audited);
    const handler = async () => Promise.reject(new Problem(404, 'no such thing'));
    await call('write', await as('manager'), true, null, { ...audited, handler });
    await call('write', {}, true, null, audited);
    expect(deeds).toEqual([
      { ...deed, outcome: 'done', details: { status: 200, path: '/api/thing' } },
      { ...deed, outcome: 'refused', details: { path: '/api/thing' } },
    ]);
  });

  it('that is open asks for nothing', async () => {
    expect((await call('open', {}, false)).status).toBe(200);
  });
});
