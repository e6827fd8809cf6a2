/** Exports from the real engine: every row, whatever it weighs, and nothing that would be taken for the whole where it is not. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClickHouseService, startClickHouse } from '../embedded/clickhouse/index.ts';
import { createBusinessClocks, usual_hours } from '../lib/business-time.ts';
import { type ClickHouse, createClickHouse } from '../lib/clickhouse.ts';
import { type HttpServer, serveHttp } from '../lib/http.ts';
import { createMetrics } from '../lib/metrics.ts';
import type { Caller } from '../query-api/auth/access.ts';
import { roles } from '../query-api/auth/roles.ts';
import { toldConversationSchema } from '../query-api/conversation-row.ts';
import { exportRoutes } from '../query-api/routes/exports.ts';
import { migrate } from '../schemas/migrate.ts';
import { freshDir, until } from './instance.ts';

/** MILLRACE_EXPORT_ROWS: more of them, to see that the memory stays where it is. */
const rows = Number(process.env.MILLRACE_EXPORT_ROWS ?? 300_000);
const hostile = ['=cmd|1', '+1', '-1', '@SUM(A1)', 'plain, with "quotes"', '1=1'];

let service: ClickHouseService;
let clickhouse: ClickHouse;
let server: HttpServer;

beforeAll(async () => {
  service = await startClickHouse({
    data_dir: freshDir(),
    user: 'default',
    password: 'secret',
    onExit: () => undefined,
  });
  const config = { url: service.url, user: 'default', password: 'secret', database: 'millrace' };
  const first = createClickHouse({ ...config, database: 'default' });
  await first.command('CREATE DATABASE IF NOT EXISTS millrace');
  await first.close();
  await migrate(config, 'schemas/migrations');
  clickhouse = createClickHouse(config);
  await clickhouse.command(
    `INSERT INTO interactions (interaction_id, organization_id, person_id, kind, name, occurred_at, data)
    SELECT toString(number), 'pine', concat('p', toString(number % 1000), '@pine.example'), 'event', 'login',
      toDateTime64(1700000000 + number, 3, 'UTC'), repeat('x', 300)
    FROM numbers(${rows})`,
  );
  for (const [index, subject] of hostile.entries()) {
    await clickhouse.command(
      `INSERT INTO messages (email_id, organization_id, subject, recipients, content, received_at, sentiment_score)
      VALUES ('m${index}', 'pine', '${subject}', ['=a@pine.example', 'b@pine.example'], 'a\\nb', '2025-01-01 10:00:0${index}', -0.5)`,
    );
  }
  const callerOf = (role: Caller['role']) =>
    ({ subject: 'ada', role, scopes: null, tables: async () => clickhouse }) as unknown as Caller;
  server = await serveHttp({
    ...{ host: '127.0.0.1', port: 0, metrics: createMetrics('api'), log: pino({ level: 'silent' }) },
    routes: [
      ...exportRoutes(createBusinessClocks(usual_hours)).map(({ method, path, handler }) => ({
        method,
        path,
        handler: (request: Parameters<typeof handler>[0]) => {
          const role = roles.find(one => one === request.headers.get('x-role')) ?? 'admin';
          return handler(request, callerOf(role));
        },
      })),
      {
        method: 'GET',
        path: '/broken',
        handler: async request => {
          const sql =
            'SELECT number, throwIf(number = 3000000) FROM numbers(4000000) SETTINGS max_threads = 1 FORMAT CSV';
          return { status: 200, body: await clickhouse.stream(sql, {}, request.signal) };
        },
      },
    ],
  });
});
afterAll(async () => {
  await server?.close();
  await clickhouse?.close();
  await service?.stop();
});

const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(new URL(path, server.url), init);

describe('an export', () => {
  it('has every row, and holds none of them', async () => {
    const before = process.memoryUsage().rss;
    const answer = await get('/api/export/interactions?format=ndjson&organization_id=pine', {
      headers: { 'accept-encoding': 'identity' },
    });
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="interactions.ndjson"');
    let [lines, bytes, peak] = [0, 0, 0];
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      for (const byte of chunk) if (byte === 10) lines++;
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    console.info(`${rows} rows, ${Math.round(bytes / 1e6)} MB: ${Math.round((peak - before) / 1e6)} MB more memory`);
    expect(lines).toBe(rows);
    expect(bytes).toBeGreaterThan(100e6);
    // Both ends of it are in this process.
    expect(peak - before).toBeLessThan(96e6);
  });

  it('in CSV gives a spreadsheet nothing to work out', async () => {
    const answer = await get('/api/export/emails?fields=subject,recipients,sentiment_score,received_at,content');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const lines = (await answer.text()).split(/\n(?=")/);
    expect(lines[0]).toBe('"subject","recipients","sentiment_score","received_at","content"');
    const cells = lines.slice(1).sort();
    expect(cells).toHaveLength(hostile.length);
    expect(cells[0]?.trim()).toBe(`"'+1","'=a@pine.example, b@pine.example",-0.5,"2025-01-01T10:00:01.000Z","a\nb"`);
    expect(cells.map(line => line.split(',')[0])).toEqual([
      ...[`"'+1"`, `"'-1"`, `"'=cmd|1"`, `"'@SUM(A1)"`, '"1=1"', '"plain'],
    ]);
  });

  it('takes the filters of its list', async () => {
    const answer = await get('/api/export/emails?format=ndjson&q=plain');
    expect(JSON.parse(await answer.text())).toMatchObject({ email_id: 'm4', subject: 'plain, with "quotes"' });
    const one = await get(
      '/api/export/interactions?format=ndjson&person_id=p7@pine.example&fields=person_id,occurred_at',
    );
    const found = (await one.text())
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as object);
    expect(found).toHaveLength(rows / 1_000);
    expect(Object.keys(found[0] as object)).toEqual(['person_id', 'occurred_at']);
    expect((await get('/api/export/emails?colour=red')).status).toBe(400);
  });

  it('has conversations as they stand, by the filters of their list', async () => {
    await clickhouse.command(
      `INSERT INTO conversation_versions (conversation_id, organization_id, subject, mails_in, last_waiting, last_waiting_since)
      SELECT concat('c', toString(number)), 'pine', '=cmd|1', 1, 'us', now64(3, 'UTC') - toIntervalDay(30 * number) FROM numbers(3)`,
    );
    const csv = await get(
      '/api/export/conversations?waited_minutes=60&fields=conversation_id,subject,waiting,asked_at,sentiment_score,sla_breached',
    );
    const [head, ...lines] = (await csv.text()).trim().split('\n');
    expect(head).toBe('"conversation_id","subject","waiting","asked_at","sentiment_score","sla_breached"');
    // What is null is an empty cell: a column of numbers stays one.
    expect(lines.sort()).toEqual(['c1', 'c2'].map(id => `"${id}","'=cmd|1","us",,,false`));
    const whole = await get('/api/export/conversations?format=ndjson&waiting=us&organization_id=pine&limit=1');
    expect(Object.keys(JSON.parse(await whole.text()))).toEqual(Object.keys(toldConversationSchema.shape));
  });

  it('comes in the form that is asked for, also by the header', async () => {
    const parquet = Buffer.from(await (await get('/api/export/interactions?format=parquet&limit=1000')).arrayBuffer());
    expect([parquet.subarray(0, 4).toString(), parquet.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1']);
    const named = await get('/api/export/customers', { headers: { accept: 'application/x-ndjson' } });
    expect([named.status, named.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    expect((await get('/api/export/customers', { headers: { accept: 'image/png' } })).status).toBe(406);
    const zipped = await get('/api/export/leads', { headers: { 'accept-encoding': 'gzip' } });
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(await zipped.text()).toContain('"person_id"');
  });

  it('has as many rows as the role may take, and no part of more', async () => {
    const headers = { 'x-role': 'viewer' };
    const refused = await get('/api/export/interactions', { headers });
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining(`${rows} rows`)]);
    const part = await get('/api/export/interactions?limit=100000&fields=kind', { headers });
    expect((await part.text()).trim().split('\n')).toHaveLength(100_001);
  });

  it('ends at the engine when its reader goes', async () => {
    const running = (): Promise<unknown[]> =>
      clickhouse.rows(
        "SELECT query_id FROM system.processes WHERE query LIKE '%FORMAT JSONEachRow' AND query LIKE '%interactions%' AND query NOT LIKE '%system.processes%'",
      );
    const gone = new AbortController();
    const answer = await get('/api/export/interactions?format=ndjson', { signal: gone.signal });
    await answer.body?.getReader().read();
    expect(await running()).toHaveLength(1);
    gone.abort();
    await until('the end of the query', async () => (await running()).length === 0);
  });

  it('breaks off where its rows do', async () => {
    const answer = await get('/broken');
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
  });
});
