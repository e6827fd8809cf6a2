import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../test/certificates.ts';
import { type HttpOptions, json, Problem, serveHttp } from './http.ts';

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(options: Partial<HttpOptions> = {}) {
  const logged: string[] = [];
  const server = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    routes: [
      { method: 'GET', path: '/data', handler: async () => json(200, 1, { 'content-security-policy': 'its own' }) },
      {
        method: 'GET',
        path: '/fault',
        handler: async () => {
          throw new Error('a fault');
        },
      },
      {
        method: 'POST',
        path: '/data',
        handler: async () => {
          throw new Problem(422, 'no');
        },
      },
    ],
    metrics: new Registry(),
    log: pino({ level: 'info' }, { write: line => void logged.push(line) }),
    ...options,
  });
  closing.push(server.close);
  return { ...server, logged };
}

describe('every reply', () => {
  it('keeps a browser from taking data for a page, and may say otherwise itself', async () => {
    const { url } = await serve();
    const missing = await fetch(`${url}/missing`);
    expect(missing.headers.get('x-content-type-options')).toBe('nosniff');
    expect(missing.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await fetch(`${url}/data`)).headers.get('content-security-policy')).toBe('its own');
    expect(missing.headers.has('strict-transport-security')).toBe(false);
  });

  it('names its request, by the caller’s own id where it is one', async () => {
    const { url, logged } = await serve();
    const [one, other] = await Promise.all([fetch(`${url}/data`), fetch(`${url}/missing`)]);
    expect(one.headers.get('x-request-id')).toMatch(/^[\w-]{16}-\d+$/);
    expect(other.headers.get('x-request-id')).not.toBe(one.headers.get('x-request-id'));
    const traced = await fetch(`${url}/fault`, { headers: { 'x-request-id': 'order-7' } });
    expect([traced.status, traced.headers.get('x-request-id')]).toEqual([500, 'order-7']);
    expect(JSON.parse(logged[0] as string)).toMatchObject({ request_id: 'order-7', route: '/fault' });
    const hostile = await fetch(`${url}/data`, { headers: { 'x-request-id': '"}{"level":60' } });
    expect(hostile.headers.get('x-request-id')).toMatch(/^[\w-]{16}-\d+$/);
  });
});

describe('a page of another origin', () => {
  const from = (origin: string) => ({ headers: { origin } });
  const page = 'https://app.example.com';

  it('may not call, unless it is named', async () => {
    const { url } = await serve();
    expect((await fetch(`${url}/data`, from(page))).headers.has('access-control-allow-origin')).toBe(false);
    expect((await fetch(`${url}/data`, { method: 'OPTIONS', ...from(page) })).status).toBe(405);
  });

  it('that is named may call, asks before, and reads what went wrong too', async () => {
    const { url } = await serve({ cors_origins: [page] });
    const preflight = await fetch(`${url}/data`, { method: 'OPTIONS', ...from(page) });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(page);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await fetch(`${url}/data`, { method, ...from(page) });
      expect(answer.headers.get('access-control-allow-origin'), method).toBe(page);
      expect(answer.headers.get('vary')).toBe('origin');
      expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id');
      expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
    }
    for (const origin of ['https://app.example.com.evil.example', 'http://app.example.com', 'null']) {
      const answer = await fetch(`${url}/data`, from(origin));
      expect(answer.headers.has('access-control-allow-origin'), origin).toBe(false);
      expect(answer.headers.get('vary')).toBe('origin');
    }
  });

  it('may call whatever it is where all may', async () => {
    const { url } = await serve({ cors_origins: ['*'] });
    expect((await fetch(`${url}/data`, from(page))).headers.get('access-control-allow-origin')).toBe(page);
  });
});

describe('over TLS', () => {
  function certificates() {
    const dir = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
    closing.push(() => rmSync(dir, { recursive: true, force: true }));
    const authority = createAuthority(dir);
    authority.issue('api', 'IP:127.0.0.1');
    return { ca: authority.ca, certificate_path: join(dir, 'api.pem'), key_path: join(dir, 'api.key') };
  }

  it('it answers, and tells browsers to come this way only', async () => {
    const { ca, ...tls } = certificates();
    const { url } = await serve({ tls });
    expect(url).toMatch(/^https:/);
    const headers = await new Promise<NodeJS.Dict<string | string[]>>((resolve, reject) => {
      httpsRequest(`${url}/data`, { ca }, answer => {
        answer.resume();
        resolve(answer.headers);
      })
        .on('error', reject)
        .end();
    });
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d+$/);
    await expect(fetch(url.replace('https', 'http'))).rejects.toThrow();
  });

  it('it says what is wrong with its files', async () => {
    const { certificate_path, key_path } = certificates();
    const other = certificates().key_path;
    await expect(serve({ tls: { certificate_path: '/nowhere.pem', key_path } })).rejects.toThrow(
      /nowhere\.pem.*ENOENT/,
    );
    await expect(serve({ tls: { certificate_path, key_path: other } })).rejects.toThrow(/mismatch/i);
  });
});
