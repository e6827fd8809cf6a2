/** compose.yaml without a container engine: what it says must fit the code, the other files, and its own promises. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { environment, loadConfig } from '../config.ts';

interface Service {
  image: string;
  build?: string;
  restart: string;
  read_only: boolean;
  cap_drop: string[];
  security_opt: string[];
  mem_limit: string;
  environment?: Record<string, string>;
  healthcheck: { test?: string[]; disable?: boolean };
  stop_grace_period?: string;
  ports?: string[];
  secrets?: string[];
  volumes?: string[];
  profiles?: string[];
}
interface Compose {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, object>;
}

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const document: unknown = parse(read('compose.yaml'), { merge: true });
/** With every variable's default, put in after parsing as Compose does. */
const compose = JSON.parse(JSON.stringify(document).replace(/\$\{\w+:-([^}]*)\}/g, '$1')) as Compose;
const services = Object.entries(compose.services);
const own = services.filter(([, service]) => service.build !== undefined);
const roles = own.filter(([name]) => name !== 'setup');

describe('compose.yaml', () => {
  it.each(services)('%s is pinned, watched, hardened and bounded', (name, service) => {
    expect(service.image).toMatch(/^[\w./-]+:\d+\.\d+(\.\d+)*$/);
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    if (name === 'setup') return;
    expect(service.healthcheck.test?.[0]).toBe('CMD');
    expect(service.stop_grace_period).toMatch(/^\d+s$/);
  });

  it('publishes the API and Grafana alone, to this host', () => {
    const published = services.flatMap(([name, { ports = [] }]) => ports.map(port => [name, port]));
    expect(published).toEqual([
      ['api', '127.0.0.1:8088:8088'],
      ['grafana', '127.0.0.1:3000:3000'],
    ]);
  });

  it.each(services)('%s takes its secrets from files that are mounted for it', (_, service) => {
    const { environment: env = {}, secrets = [] } = service;
    const inline = Object.keys(env).filter(key => /PASSWORD|SECRET|TOKEN|JAAS/.test(key) && !/_FILE$/.test(key));
    expect(inline).toEqual([]);
    const paths = Object.values(env).flatMap(value => String(value).match(/\/run\/secrets\/\w+/g) ?? []);
    for (const path of paths) expect(secrets).toContain(path.slice('/run/secrets/'.length));
    for (const secret of secrets) expect(Object.keys(compose.secrets)).toContain(secret);
  });

  it('has a secret for each file that secrets.sh makes, and no other', () => {
    const script = read('deploy/compose/secrets.sh').replaceAll('\\\n', ' ');
    const made = (/for name in ([\w\s]+);/.exec(script)?.[1] ?? '').trim().split(/\s+/);
    expect([...made, 'kafka_client_jaas'].sort()).toEqual(Object.keys(compose.secrets).sort());
    for (const [name, { file }] of Object.entries(compose.secrets))
      expect(file).toBe(`./deploy/compose/secrets/${name}`);
  });

  it('makes each secret once, in one line without an end', () => {
    const dir = mkdtempSync(join(tmpdir(), 'millrace-secrets-'));
    mkdirSync(join(dir, 'secrets'));
    copyFileSync(join(root, 'deploy/compose/secrets.sh'), join(dir, 'secrets.sh'));
    const make = () => {
      execFileSync('sh', [join(dir, 'secrets.sh')]);
      return Object.keys(compose.secrets).map(name => readFileSync(join(dir, 'secrets', name), 'utf8'));
    };
    const first = make();
    expect(make()).toEqual(first);
    const passwords = first.filter(secret => /^[0-9a-f]{64}$/.test(secret));
    expect(new Set(passwords).size).toBe(first.length - 1);
    expect(first.find(secret => secret.startsWith('KafkaClient {'))).toContain(
      readFileSync(join(dir, 'secrets', 'kafka_password'), 'utf8'),
    );
  });

  it.each(['kafka', 'clickhouse'])('starts %s by a script that the shell can read', name => {
    const script = join(root, 'deploy/compose', name, 'start.sh');
    expect(spawnSync('bash', ['-n', script]).stderr.toString()).toBe('');
  });

  it.each(services)('%s mounts what is there', (_, { volumes = [] }) => {
    for (const volume of volumes) {
      const [source = ''] = volume.split(':');
      if (source.startsWith('.')) expect(existsSync(join(root, source)), source).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
  });
});

describe('the roles of compose.yaml', () => {
  it.each(own)('%s is configured by variables that exist', (name, { environment: env = {} }) => {
    const known = Object.keys(environment).flatMap(variable => [variable, `${variable}_FILE`]);
    expect(Object.keys(env).filter(variable => !known.includes(variable))).toEqual([]);
    // As the container reads them, a secret's text in place of its file.
    const values = Object.entries(env).map(([variable, value]) =>
      variable.endsWith('_FILE') ? [variable.slice(0, -'_FILE'.length), 'x'.repeat(64)] : [variable, value],
    );
    const need = (['api', 'ingest'] as const).filter(section => section === name);
    const config = loadConfig({ env: Object.fromEntries(values), need });
    expect(config.kafka).toMatchObject({ brokers: 'kafka:9092', sasl: { mechanism: 'scram-sha-512' } });
  });

  it('are all there, and two processes have two names', () => {
    expect(roles.map(([name]) => name)).toEqual(['ingest', 'process', 'process-1', 'sink', 'api']);
    const names = roles
      .filter(([name]) => name.startsWith('process'))
      .map(([, { environment: env }]) => env?.MILLRACE_INSTANCE);
    expect(new Set(names).size).toBe(names.length);
  });

  it('ask for readiness with the file that the image holds', () => {
    for (const [, { healthcheck }] of roles)
      expect(healthcheck.test).toEqual(['CMD', 'node', 'deploy/healthcheck.mjs', '/ready']);
    expect(read('Dockerfile')).toContain('COPY deploy/healthcheck.mjs deploy/');
  });
});

describe('the engines of compose.yaml', () => {
  it('know the users that the roles and Grafana sign in as', () => {
    const users = read('deploy/compose/clickhouse/users.xml');
    const named = own.flatMap(([, { environment: env = {} }]) => env.CLICKHOUSE_USER ?? []);
    const grafana = parse(read('dashboards/provisioning/datasources/clickhouse.yaml'));
    const source = grafana.datasources[0];
    expect(source).toMatchObject({ uid: 'millrace-clickhouse', jsonData: { host: 'clickhouse', port: 8123 } });
    for (const user of [...named, source.jsonData.username]) expect(users).toContain(`</${user}>`);
    const secret = /\/run\/secrets\/(\w+)/.exec(source.secureJsonData.password)?.[1];
    expect(compose.services.grafana?.secrets).toContain(secret);
  });

  it('run the ClickHouse that is embedded elsewhere', () => {
    const { packages } = JSON.parse(read('package-lock.json'));
    const [, tag] = (compose.services.clickhouse?.image ?? '').split(':');
    expect(packages['node_modules/@chdb/lib-linux-x64-gnu'].version).toMatch(new RegExp(`^${tag}\\.`));
  });
});

const engine = [['docker', 'compose'], ['docker-compose']].find(
  ([command = '', ...args]) => spawnSync(command, [...args, 'version']).status === 0,
);
if (!engine)
  console.log('skipped: neither `docker compose` nor docker-compose is here to check compose.yaml against its schema');

it.skipIf(!engine)("follows the compose specification's schema", () => {
  const [command = '', ...args] = engine ?? [];
  const profiles = ['grafana', 'registry', 'scale'].flatMap(profile => ['--profile', profile]);
  const checked = spawnSync(command, [...args, '-f', join(root, 'compose.yaml'), ...profiles, 'config', '-q']);
  expect(checked.stderr.toString()).toBe('');
  expect(checked.status).toBe(0);
});
