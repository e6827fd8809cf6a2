/** The API's /sql before a real engine, with what an attack would reach, and the engine alone to compare with. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startClickHouse } from '../../embedded/clickhouse/index.ts';
import { createClickHouse } from '../../lib/clickhouse.ts';
import { serveHttp, text } from '../../lib/http.ts';
import { createLog } from '../../lib/log.ts';
import { createMetrics } from '../../lib/metrics.ts';
import { guarded } from '../../query-api/auth/access.ts';
import { createTokens } from '../../query-api/auth/tokens.ts';
import { createVerifier } from '../../query-api/auth/verifier.ts';
import type { Databases } from '../../query-api/permission/databases.ts';
import { everything } from '../../query-api/permission/sight.ts';
import { sqlRoutes } from '../../query-api/routes/sql.ts';
import { createSandbox } from '../../query-api/sql/sandbox.ts';
import { Slots } from '../../query-api/sql/slots.ts';
import type { Attack } from './attacks.ts';

/** In every canary, and in nothing else. */
export const canary = /canary/i;
const user = 'millrace';
const password = 'a-generated-secret';

const made = [
  'CREATE DATABASE company',
  'CREATE DATABASE mine',
  'CREATE DATABASE other',
  `CREATE TABLE company.mails (mailbox String, at DateTime, content String, tags Array(String), scores Map(String, UInt8),
    state AggregateFunction(sum, UInt64), INDEX content_values content TYPE set(0),
    PROJECTION by_mailbox (SELECT mailbox, content, count() GROUP BY mailbox, content)) ENGINE = MergeTree ORDER BY (mailbox, at)
    SETTINGS index_granularity = 64`,
  `INSERT INTO company.mails SELECT if(number % 2 = 0, 'ada@x', 'canary@x'), toDateTime('2026-01-01 00:00:00') + number * 60,
    if(number % 2 = 0, concat('42', toString(number)), concat('CANARY-ROW-', toString(number))), ['a', 'b'], map('k', 1),
    initializeAggregation('sumState', number) FROM numbers(2000)`,
  "CREATE VIEW mine.mails AS SELECT * FROM company.mails WHERE mailbox IN ('ada@x', 'canary-in-a-view@x')",
  `CREATE VIEW mine.since AS SELECT * FROM company.mails
    WHERE mailbox IN ('ada@x', 'canary-in-a-view@x') AND at >= {from:DateTime}`,
  'CREATE TABLE other.secret (v String) ENGINE = MergeTree ORDER BY v',
  "INSERT INTO other.secret VALUES ('CANARY-TABLE')",
  ...['a table', 'a.b', 'a(b)', 'x (alias y)'].flatMap(name => [
    `CREATE TABLE other.\`${name}\` (v String) ENGINE = Memory`,
    `INSERT INTO other.\`${name}\` VALUES ('CANARY-ODD')`,
  ]),
  'CREATE TABLE other.canary_name (canary_column String) ENGINE = Memory',
  "CREATE FUNCTION canary_function AS x -> concat(x, 'CANARY-FUNCTION')",
];

export interface Answer {
  readonly status: number;
  /** The engine's or the sandbox's; null for none. */
  readonly code: number | null;
  readonly body: string;
}

export interface Rig {
  /** `limited` reads his views alone; `full` the company's database, and how views are defined. */
  ask(caller: 'limited' | 'full', attack: Attack, how?: RequestInit): Promise<Answer>;
  /** As `limited`, and nobody looks at the statement. */
  askEngine(attack: Attack): Promise<Answer>;
  /** What attacks have touched since it was asked last. */
  touched(): string[];
  close(): Promise<void>;
}

export async function openRig(): Promise<Rig> {
  const work_dir = mkdtempSync(join(tmpdir(), 'millrace-sandbox-'));
  const places = { FILE: join(work_dir, 'secret.txt'), DIR: join(work_dir, 'empty'), PORT: '0' };
  writeFileSync(places.FILE, 'CANARY-FILE\n');
  mkdirSync(places.DIR);
  let connections = 0;
  const listener = createServer(socket => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
  places.PORT = String((listener.address() as AddressInfo).port);

  const service = await startClickHouse({ data_dir: join(work_dir, 'data'), user, password, onExit: () => {} });
  const config = { url: service.url, user, password, database: 'company' };
  const clickhouse = createClickHouse({ ...config, database: 'default' });
  for (const statement of made) await clickhouse.command(statement);
  const tokens = createTokens('a secret of at least thirty-two bytes');
  const verifier = createVerifier(tokens);
  const limited = createClickHouse({ ...config, database: 'mine' });
  const full = createClickHouse(config);
  const databases: Pick<Databases, 'of'> = { of: async sight => (sight.key === everything.key ? full : limited) };
  const routes = sqlRoutes({
    clickhouse: config,
    verifier,
    databases,
    page: async () => text(200, 'the page'),
    sandbox: createSandbox({ clickhouse }),
    slots: new Slots(),
  });
  const api = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    routes: routes.map(route =>
      guarded(route, { verifier, databases, audit: { tell: async () => undefined }, limiter: null }),
    ),
    metrics: createMetrics('test'),
    log: createLog('test', 'silent'),
  });
  const signed = { limited: await tokens.sign('limited', 'viewer'), full: await tokens.sign('full', 'admin') };

  const placed = (template: string): string => template.replace(/FILE|DIR|PORT/g, name => places[name as 'FILE']);
  const parametersOf = ({ params = {} }: Attack) =>
    new URLSearchParams(
      Object.entries(params).map(([name, value]): [string, string] => [`param_${name}`, placed(value)]),
    );

  return {
    ask: (caller, attack, how = {}) =>
      answerOf(`${api.url}/sql?${parametersOf(attack)}`, {
        method: 'POST',
        body: placed(attack.text),
        ...how,
        headers: { authorization: `Bearer ${signed[caller]}`, ...how.headers },
      }),
    askEngine: attack =>
      answerOf(`${service.url}/?database=mine&readonly=1&max_execution_time=10&${parametersOf(attack)}`, {
        method: 'POST',
        body: placed(attack.text),
        headers: { 'x-clickhouse-user': user, 'x-clickhouse-key': password },
      }),
    touched() {
      const found = [...readdirSync(places.DIR), ...(connections > 0 ? [`${connections} connections`] : [])];
      connections = 0;
      for (const name of readdirSync(places.DIR)) rmSync(join(places.DIR, name), { recursive: true });
      return found;
    },
    async close() {
      await api.close();
      await Promise.all([clickhouse, limited, full].map(client => client.close()));
      await service.stop();
      listener.close();
      rmSync(work_dir, { recursive: true, force: true });
    },
  };
}

async function answerOf(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const code = response.headers.get('x-clickhouse-exception-code');
  const body = await response.text().catch(error => `(broke off: ${String(error)})`);
  return { status: response.status, code: code === null ? null : Number(code), body };
}

/** Whether the answer tells of what is not the caller's. What he wrote himself may come back in the text of an error. */
export function tells({ body }: Answer, { text, told }: Attack): boolean {
  const written = new Set(canariesIn(text));
  return canariesIn(body).some(name => !written.has(name)) || told?.test(body) === true;
}

const canariesIn = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\w-]+/)
    .filter(word => canary.test(word));
