/** Whether what the configuration names can be reached and used: each tried for itself, all of them told. */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { createClickHouse } from '../lib/clickhouse.ts';
import { MillraceError, messageOf } from '../lib/errors.ts';
import { topicIds } from '../lib/kafka-admin.ts';
import { within } from '../lib/lifecycle.ts';
import { subjectOf } from '../lib/registry.ts';
import { openConfluentStore } from '../lib/registry-confluent.ts';
import { topics } from '../schemas/topics.ts';
import { statusOf } from './status.ts';

export interface Probe {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, or what is wrong. */
  readonly detail: string;
  readonly remedy?: string;
  readonly took_ms: number;
}

export interface CheckTargets {
  /** Null where neither a cluster nor a file is named: everything is embedded. */
  readonly config: Config | null;
  readonly data_dir: string;
  readonly port: number;
}

const probe_ms_max = 20_000;

export async function check({ config, data_dir, port }: CheckTargets): Promise<Probe[]> {
  const instance = await statusOf(data_dir);
  return Promise.all([
    ...(config ? external(config) : []),
    ...(config || instance.running ? [] : [probe('machine', () => machine(data_dir, port))]),
    probe('data directory', async () => dataDirectory(data_dir)),
    ...(instance.running ? [probe('instance', async () => running(instance))] : []),
  ]);
}

function external(config: Config): Promise<Probe>[] {
  const { kafka, clickhouse, schema_registry } = config;
  return [
    probe(`Kafka ${kafka.brokers}`, async () => {
      const known = await topicIds(kafka);
      const missing = Object.values(topics).filter(({ name }) => !known.has(name)).length;
      if (missing > 0)
        throw new MillraceError('check', `${missing} topics are missing`, { remedy: 'run `millrace topics`' });
      return `signed in; ${known.size} topics`;
    }),
    probe(`ClickHouse ${clickhouse.url}`, async () => {
      const server = createClickHouse(clickhouse);
      try {
        const [row] = await server.rows<{ version: string; tables: number }>(
          'SELECT version() AS version, (SELECT count() FROM system.tables WHERE database = currentDatabase()) AS tables',
        );
        if (!row?.tables)
          throw new MillraceError('check', 'the tables are missing', { remedy: 'run `millrace migrate`' });
        return `signed in; version ${row.version}, ${row.tables} tables and views`;
      } finally {
        await server.close();
      }
    }),
    ...(schema_registry
      ? [
          probe(`schema registry ${schema_registry.url}`, async () => {
            const subject = subjectOf(topics.emailReceived);
            const latest = await openConfluentStore(schema_registry).latest(subject);
            if (!latest) throw new MillraceError('check', `it has no ${subject}`, { remedy: 'run `millrace topics`' });
            return `signed in; ${subject} version ${latest.version}`;
          }),
        ]
      : []),
  ];
}

async function machine(data_dir: string, port: number): Promise<string> {
  // Only here: an installation of roles alone has no embedded engines.
  const { checkStart } = await import('../embedded/preflight.ts');
  await checkStart({ data_dir, port });
  return `everything is embedded; what \`millrace up\` needs is there, port ${port} too`;
}

function dataDirectory(data_dir: string): string {
  const path = resolve(data_dir);
  const place = existsSync(path) ? path : dirname(path);
  accessSync(place, constants.W_OK);
  const { bavail, bsize } = statfsSync(place);
  return `${path} can be written; ${Math.floor((bavail * bsize) / 1024 ** 3)} GiB are free`;
}

function running({ ready, url, reason }: Awaited<ReturnType<typeof statusOf>>): string {
  if (!ready)
    throw new MillraceError('check', reason ?? 'it is not ready', { remedy: 'see its log: `millrace status`' });
  return `${url} is ready`;
}

async function probe(name: string, work: () => Promise<string>): Promise<Probe> {
  const began_ms = performance.now();
  const took = () => Math.round(performance.now() - began_ms);
  try {
    return { name, ok: true, detail: await within(probe_ms_max, work()), took_ms: took() };
  } catch (error) {
    const remedy = error instanceof MillraceError ? error.remedy : undefined;
    return { name, ok: false, detail: messageOf(error), ...(remedy ? { remedy } : {}), took_ms: took() };
  }
}
