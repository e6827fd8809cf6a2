import { createServer, request as nodeRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { MillraceError } from './errors.ts';
import { type HttpLimits, type HttpRequest, json, jsonBody, Problem, type Route, serveHttp, text } from './http.ts';
import { forward } from './http-proxy.ts';
import { withResolvers } from './lifecycle.ts';
import { serializers } from './log.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function serve(routes: readonly Route[], limits: Partial<HttpLimits> = {}) {
  const metrics = new Registry();
  const logged: string[] = [];
  const log = pino({ level: 'info', serializers }, { write: line => void logged.push(line) });
  const server = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    routes,
    metrics,
    log,
    limits: { close_ms_max: 200, ...limits },
  });
  open.push(server.close);
  return { ...server, metrics, logged };
}

const get = (path: string, handler: Route['handler']): Route => ({ method: 'GET', path, handler });
const post = (path: string, handler: Route['handler'], body_bytes_max?: number): Route =>
  body_bytes_max === undefined ? { method: 'POST', path, handler } : { method: 'POST', path, handler, body_bytes_max };
const echo = async (request: HttpRequest) => text(200, (await request.body()).toString());

describe('routes', () => {
  it('copies what a request says before the handler waits', async () => {
    const { url } = await serve([
      get('/a/:id/b', async request => {
        await Promise.resolve();
        const { method, path, parameters, loopback } = request;
        return json(200, {
          method,
          path,
          parameters,
          loopback,
          x: request.query.get('x'),
          header: request.headers.get('x-y'),
        });
      }),
    ]);
    const response = await fetch(`${url}/a/p%2Fq%20%C3%A9/b?x=1%202`, { headers: { 'X-Y': 'z' } });
    expect(await response.json()).toEqual({
      method: 'GET',
      path: '/a/p%2Fq%20%C3%A9/b',
      parameters: { id: 'p/q é' },
      loopback: true,
      x: '1 2',
      header: 'z',
    });
  });

  it('tells an unknown path from an unknown method', async () => {
    const { url } = await serve([get('/here', async () => text(200, 'ok')), get('/*', async () => text(200, 'file'))]);
    const wrongMethod = await fetch(`${url}/here`, { method: 'DELETE' });
    expect(wrongMethod.status).toBe(405);
    expect(wrongMethod.headers.get('allow')).toBe('GET');
    expect(await (await fetch(`${url}/other`)).text()).toBe('file');
    expect((await fetch(`${url}/other`, { method: 'PUT' })).status).toBe(404);
  });

  it('answers HEAD with the headers of GET and no body', async () => {
    const { url } = await serve([get('/x', async () => text(200, 'hello', { 'x-a': 'b' }))]);
    const response = await fetch(`${url}/x`, { method: 'HEAD' });
    expect([response.status, response.headers.get('x-a'), response.headers.get('content-length')]).toEqual([
      200,
      'b',
      '5',
    ]);
    expect(await response.text()).toBe('');
  });

  it('refuses a parameter that is no UTF-8', async () => {
    const { url } = await serve([get('/a/:id', async () => text(200, ''))]);
    expect((await fetch(`${url}/a/%ff`)).status).toBe(400);
  });

  it('keeps a header value from forging another header', async () => {
    const { url } = await serve([get('/', async () => text(200, '', { 'x-a': 'b\r\nx-forged: 1' }))]);
    const response = await fetch(`${url}/`);
    expect(response.headers.get('x-forged')).toBeNull();
  });
});

describe('faults', () => {
  it('are problem details', async () => {
    const { url } = await serve([
      get('/', async () => {
        throw new Problem(409, 'taken', { members: { id: 7 }, headers: { 'x-a': 'b' } });
      }),
    ]);
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('x-a')).toBe('b');
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      detail: 'taken',
      id: 7,
    });
  });

  it('keep to themselves what a bug says', async () => {
    const { url, logged } = await serve([
      get('/bug', async () => {
        throw new Error('secret detail');
      }),
      get('/away', async () => {
        throw new MillraceError('clickhouse', 'connect ECONNREFUSED', { retryable: true });
      }),
    ]);
    const bug = await fetch(`${url}/bug?token=hidden`);
    expect(bug.status).toBe(500);
    expect(await bug.text()).not.toContain('secret detail');
    expect(logged.join()).toContain('secret detail');
    expect(logged.join()).not.toContain('hidden');
    const away = await fetch(`${url}/away`);
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '1']);
  });

  it('say what is no JSON', async () => {
    const { url } = await serve([post('/', async request => json(200, await jsonBody(request)))]);
    const send = (body: string | Uint8Array<ArrayBuffer>) => fetch(url, { method: 'POST', body });
    expect((await send('{"a":')).status).toBe(400);
    expect((await send(new Uint8Array([34, 255, 34]))).status).toBe(400);
    expect(await (await send('{"a":"é"}')).json()).toEqual({ a: 'é' });
  });
});

describe('bodies', () => {
  it('arrive whole up to the limit, and not beyond', async () => {
    const { url } = await serve([post('/', echo, 1_000)]);
    const send = (bytes: number) => fetch(url, { method: 'POST', body: 'x'.repeat(bytes) });
    expect((await (await send(1_000)).text()).length).toBe(1_000);
    const refused = await send(1_001);
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ bytes_max: 1_000 });
  });

  it('are refused where their length is not declared', async () => {
    const { url } = await serve([post('/', echo, 1_000)]);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = nodeRequest(url, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } }, answer => {
        answer.resume().on('end', () => resolve(answer.statusCode));
      });
      request.on('error', reject);
      for (let i = 0; i < 40; i++) request.write('x'.repeat(100));
      request.end();
    });
    expect(status).toBe(413);
  });

  it('leave the connection usable when nobody reads them', async () => {
    const { port } = await serve([post('/', async () => text(200, 'unread'), 50_000_000)]);
    const answers = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let seen = '';
      socket.on('error', reject);
      socket.on('data', chunk => {
        seen += chunk;
        if (seen.split('unread').length === 3) {
          socket.destroy();
          resolve(seen);
        }
      });
      const body = Buffer.alloc(3_000_000, 'x');
      for (let i = 0; i < 2; i++) {
        socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`);
        socket.write(body);
      }
    });
    expect(answers.match(/200 OK/g)).toHaveLength(2);
  });

  it('are streamed as they come', async () => {
    const { url } = await serve([
      post(
        '/',
        async request => {
          let bytes = 0;
          for await (const chunk of request.stream()) bytes += chunk.length;
          return text(200, String(bytes));
        },
        50_000_000,
      ),
    ]);
    expect(await (await fetch(url, { method: 'POST', body: new Uint8Array(20_000_000) })).text()).toBe('20000000');
  });

  it('that stop coming are given up', async () => {
    const { port } = await serve([post('/', echo)], { body_ms_max: 30 });
    const answer = await new Promise<string>(resolve => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc'),
      );
      socket.once('data', chunk => {
        socket.destroy();
        resolve(String(chunk));
      });
    });
    expect(answer).toContain('408 Request Timeout');
  });
});

describe('a client that goes away', () => {
  it('aborts the request and leaves the server up', async () => {
    const { promise: aborted, resolve } = withResolvers<void>();
    const { promise: begun, resolve: setBegun } = withResolvers<void>();
    const { url } = await serve([
      get('/slow', async request => {
        setBegun();
        await new Promise<void>(done => request.signal.addEventListener('abort', () => done()));
        resolve();
        return text(200, 'too late');
      }),
      get('/', async () => text(200, 'up')),
    ]);
    const controller = new AbortController();
    const answer = fetch(`${url}/slow`, { signal: controller.signal }).catch(error => (error as Error).name);
    await begun;
    controller.abort();
    expect(await answer).toBe('AbortError');
    await aborted;
    expect(await (await fetch(url)).text()).toBe('up');
  });

  it('ends what its reply was read from', async () => {
    const { promise: ended, resolve } = withResolvers<void>();
    const { url } = await serve([
      get('/', async () => ({
        status: 200,
        body: (async function* () {
          try {
            for (;;) yield Buffer.alloc(65_536);
          } finally {
            resolve();
          }
        })(),
      })),
    ]);
    const controller = new AbortController();
    const response = await fetch(url, { signal: controller.signal });
    await response.body?.getReader().read();
    controller.abort();
    await ended;
  });
});

describe('streamed replies', () => {
  it('are held back while the client does not read', async () => {
    const chunk = Buffer.alloc(262_144, 'a');
    const chunks = 200;
    let sent = 0;
    const { port } = await serve([
      get('/', async () => ({
        status: 200,
        body: (async function* () {
          for (; sent < chunks; sent++) yield chunk;
        })(),
      })),
    ]);
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    socket.pause();
    let before = -1;
    // Until no more goes out: what the two sockets' buffers hold, and not the 50 MB.
    while (before !== sent) {
      before = sent;
      await new Promise(done => setTimeout(done, 50));
    }
    expect(sent).toBeLessThan(chunks / 2);
    let received = 0;
    await new Promise<void>(done => {
      socket.on('data', data => {
        received += data.length;
        if (data.subarray(-5).toString() === '0\r\n\r\n') done();
      });
      socket.resume();
    });
    socket.destroy();
    expect(received).toBeGreaterThan(chunks * chunk.length);
  });

  it('are cut where their source fails, and never look whole', async () => {
    const { url, logged } = await serve([
      get('/', async () => ({
        status: 200,
        body: (async function* () {
          yield Buffer.from('first');
          throw new Error('source failed');
        })(),
      })),
    ]);
    await expect(fetch(url).then(response => response.text())).rejects.toThrow();
    expect(logged.join()).toContain('source failed');
  });

  it('cut a client that reads nothing for too long', async () => {
    const { port } = await serve(
      [
        get('/', async () => ({
          status: 200,
          body: (async function* () {
            for (let i = 0; i < 400; i++) yield Buffer.alloc(262_144);
          })(),
        })),
      ],
      { write_stall_ms_max: 30 },
    );
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    socket.pause();
    await new Promise(done => setTimeout(done, 150));
    const closed = new Promise(done => socket.on('close', done));
    socket.on('error', () => undefined).resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(400 * 262_144);
  });
});

describe('forwarding', () => {
  async function behind(handler: Parameters<typeof createServer>[1]): Promise<URL> {
    const server = createServer(handler);
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    open.push(() => new Promise(done => void server.close(done).closeAllConnections()));
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/there`);
  }
  const proxy = (url: URL, answer_ms_max = 5_000): Route =>
    post('/', request =>
      forward({
        url,
        method: 'POST',
        headers: { 'x-ours': '1' },
        body: request.stream(),
        signal: request.signal,
        answer_ms_max,
      }),
    );

  it('carries the body there and the answer back, without what concerns one connection', async () => {
    const target = await behind((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', part => parts.push(part as Buffer));
      request.on('end', () => {
        response.writeHead(418, { 'x-theirs': '2', connection: 'close, x-hop', 'x-hop': '3' });
        response.end(
          JSON.stringify({ url: request.url, headers: request.headers, body: Buffer.concat(parts).toString() }),
        );
      });
    });
    const { url } = await serve([proxy(target)]);
    const response = await fetch(url, { method: 'POST', body: 'hello', headers: { authorization: 'Bearer caller' } });
    expect([response.status, response.headers.get('x-theirs'), response.headers.get('x-hop')]).toEqual([
      418,
      '2',
      null,
    ]);
    const seen = (await response.json()) as { url: string; headers: Record<string, string>; body: string };
    expect([seen.url, seen.body, seen.headers['x-ours']]).toEqual(['/there', 'hello', '1']);
    expect(seen.headers.authorization).toBeUndefined();
  });

  it('sends what is small in one piece, with its length, both ways', async () => {
    const target = await behind((request, response) => {
      request.resume().on('end', () => response.end(JSON.stringify(request.headers)));
    });
    const { url } = await serve([proxy(target)]);
    const response = await fetch(url, { method: 'POST', body: 'hello' });
    expect(response.headers.get('content-length')).toMatch(/^\d+$/);
    expect(await response.json()).toMatchObject({ 'content-length': '5' });
  });

  it('passes a large answer on whole, to a client that reads slowly too', async () => {
    const sent = Buffer.alloc(20_000_000, 'some bytes ');
    const { url } = await serve([
      proxy(
        await behind((request, response) => {
          request.resume();
          response.write(sent.subarray(0, 5_000_000));
          response.end(sent.subarray(5_000_000));
        }),
      ),
    ]);
    const received = await new Promise<Buffer>((resolve, reject) => {
      nodeRequest(url, { method: 'POST' }, async answer => {
        await new Promise(done => setTimeout(done, 100));
        const parts: Buffer[] = [];
        for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
        resolve(Buffer.concat(parts));
      })
        .on('error', reject)
        .end();
    });
    expect(received.equals(sent)).toBe(true);
  });

  it('breaks off what breaks off, after all that came of it, or says so where it was short', async () => {
    const breaking = (headers: Record<string, string>) =>
      behind((request, response) => {
        request.resume();
        response.writeHead(200, headers).write('a beginning');
        setTimeout(() => response.destroy(), 20);
      });
    const { url: long, logged } = await serve([proxy(await breaking({}))]);
    let seen = '';
    const answer = await fetch(long, { method: 'POST' });
    const reading = (async () => {
      for await (const part of answer.body as AsyncIterable<Uint8Array>) seen += Buffer.from(part).toString();
    })();
    await expect(reading).rejects.toThrow();
    expect(seen.trimEnd()).toBe('a beginning');
    expect(logged.join()).toContain('a reply broke off');
    const { url: short } = await serve([proxy(await breaking({ 'content-length': '100' }))]);
    expect((await fetch(short, { method: 'POST' })).status).toBe(502);
  });

  it('says that nobody is behind, or nobody answers', async () => {
    const { url: away } = await serve([proxy(new URL('http://127.0.0.1:1/'))]);
    expect((await fetch(away, { method: 'POST' })).status).toBe(502);
    const { url: silent } = await serve([proxy(await behind(() => undefined), 20)]);
    expect((await fetch(silent, { method: 'POST' })).status).toBe(504);
  });

  it('keeps the limit of its own route', async () => {
    const target = await behind((request, response) => void request.resume().on('end', () => response.end()));
    const { url } = await serve([{ ...proxy(target), body_bytes_max: 10 }]);
    expect((await fetch(url, { method: 'POST', body: 'longer than ten' })).status).toBe(413);
  });
});

describe('the server', () => {
  it('refuses a port that is taken, rather than sharing it', async () => {
    const { port, metrics } = await serve([]);
    const second = serveHttp({ host: '127.0.0.1', port, routes: [], metrics, log: pino({ level: 'silent' }) });
    await expect(second).rejects.toMatchObject({ code: 'http.listen' });
  });

  it('refuses requests beyond its limit, and counts them all by route', async () => {
    const { promise, resolve } = withResolvers<void>();
    const { promise: begun, resolve: setBegun } = withResolvers<void>();
    const { url, metrics } = await serve(
      [
        get('/wait/:id', async () => {
          setBegun();
          await promise;
          return text(200, '');
        }),
      ],
      { requests_max: 1 },
    );
    const first = fetch(`${url}/wait/1`);
    await begun;
    expect((await fetch(`${url}/wait/2`)).status).toBe(503);
    resolve();
    expect((await first).status).toBe(200);
    const counted = await metrics.getSingleMetricAsString('http_requests_total');
    expect(counted).toContain('{method="GET",route="/wait/:id",status="503"} 1');
  });

  it('lets the requests in flight finish when it closes', async () => {
    const { promise, resolve } = withResolvers<void>();
    const { promise: begun, resolve: setBegun } = withResolvers<void>();
    const { url, close } = await serve(
      [
        get('/', async () => {
          setBegun();
          await promise;
          return text(200, 'finished');
        }),
      ],
      { close_ms_max: 5_000 },
    );
    const answer = fetch(url).then(response => response.text());
    await begun;
    const closed = close();
    resolve();
    expect(await answer).toBe('finished');
    await closed;
    await expect(fetch(url)).rejects.toThrow();
  });
});
