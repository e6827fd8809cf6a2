import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ConfigSource, loadConfig, withFiles } from './config.ts';
import { usual_settings } from './processors/conversation/rules.ts';
import { settingsByOrganization } from './processors/conversation/settings.ts';

const env = { KAFKA_BROKERS: 'localhost:9092', CLICKHOUSE_URL: 'http://localhost:8123' };
const secret = 'x'.repeat(32);

function fileWith(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'millrace-config-')), 'millrace.yaml');
  writeFileSync(file, text);
  return file;
}

function faultsOf(source: Partial<ConfigSource>): string[] {
  try {
    loadConfig({ env, need: [], ...source });
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('loadConfig', () => {
  it('takes the environment over the file, and defaults for the rest', () => {
    const file = fileWith('kafka:\n  brokers: other:1\norganization:\n  domains: [Example.COM]\n');
    const config = loadConfig({ file, env, need: [] });
    expect(config.kafka.brokers).toBe('localhost:9092');
    expect(config.organization).toEqual({
      ...{ id: 'default', domains: ['example.com'], addresses: [] },
      ...usual_settings,
    });
    expect(config.commit_interval_ms).toBe(50);
  });

  it('reports every fault at once, with its line and column', () => {
    const file = fileWith('kafka:\n  broker: a:1\ncommit_interval_ms: soon\n');
    const faults = faultsOf({ file, env: { CLICKHOUSE_URL: 'nonsense' } });
    expect(faults).toContainEqual(
      expect.stringMatching(/millrace\.yaml:2:11 kafka\.broker: unknown key; did you mean "brokers"\?/),
    );
    expect(faults).toContainEqual(expect.stringMatching(/millrace\.yaml:3:21 commit_interval_ms: /));
    expect(faults).toContainEqual(expect.stringMatching(/^CLICKHOUSE_URL clickhouse\.url: /));
    expect(faults).toContainEqual(expect.stringMatching(/kafka\.brokers: /));
  });

  it('names the variable that would set what is missing', () => {
    expect(faultsOf({ env: { CLICKHOUSE_URL: env.CLICKHOUSE_URL } })).toEqual(['KAFKA_BROKERS kafka.brokers: missing']);
  });

  it('asks for a section only where the process needs it', () => {
    expect(loadConfig({ env: { ...env, MILLRACE_API_PORT: '1' }, need: [] }).api).toBeUndefined();
    const faults = faultsOf({ env: { ...env, MILLRACE_JWT_SECRET: 'short' }, need: ['ingest'] });
    expect(faults).toEqual(['MILLRACE_JWT_SECRET ingest.jwt_secret: at least 32 characters']);
    const { ingest } = loadConfig({
      env: { ...env, MILLRACE_JWT_SECRET: secret, MILLRACE_LOCAL_IMPORTS: 'true' },
      need: ['ingest'],
    });
    expect(ingest).toEqual({ host: '127.0.0.1', port: 8089, jwt_secret: secret, local_imports: true });
  });

  it('lets organisations have working hours and promises of their own, each once', () => {
    const text = `organization:
  business_calendar: {time_zone: Europe/Berlin, holidays: ["2026-12-25"]}
organizations:
  - id: north
    business_calendar: {time_zone: America/New_York}
  - id: south
    first_response_minutes: {support: 60}
    resolved_after_days: 5
`;
    const { organization, organizations } = loadConfig({ file: fileWith(text), env, need: [] });
    const own = settingsByOrganization(organization, organizations);
    expect(own.get('north')).toEqual({
      business_calendar: { ...organization.business_calendar, time_zone: 'America/New_York' },
      resolved_after_days: 3,
      first_response_minutes: { default: 480 },
    });
    expect(own.get('south')).toEqual({
      business_calendar: organization.business_calendar,
      resolved_after_days: 5,
      first_response_minutes: { support: 60 },
    });
    const wrong = fileWith(`organizations:
  - id: north
    business_calendar: {time_zone: Mars, hours: {from: "09:00"}}
  - id: south
    holidays: []
`);
    expect(faultsOf({ file: wrong, env })).toEqual([
      expect.stringMatching(/:3:36 organizations\.0\.business_calendar\.time_zone: no time zone/),
      expect.stringMatching(/:3:49 organizations\.0\.business_calendar\.hours\.to: missing/),
      expect.stringMatching(/:5:15 organizations\.1\.holidays: unknown key/),
    ]);
    const twice = fileWith('organizations: [{id: north}, {id: north}]\n');
    expect(faultsOf({ file: twice, env })).toEqual([
      expect.stringContaining('organizations.1.id: north is there twice'),
    ]);
  });

  it("keeps the sample company apart: what is removed with it must not be one's own", () => {
    expect(faultsOf({ env: { ...env, MILLRACE_ORGANIZATION: 'sample' } })).toEqual([
      expect.stringMatching(/^MILLRACE_ORGANIZATION organization\.id: is the sample company/),
    ]);
  });

  it('reads what a variable NAME_FILE names, without the last line break', () => {
    const password_file = fileWith('p\n\n');
    const config = loadConfig({ env: { ...env, CLICKHOUSE_PASSWORD_FILE: password_file }, need: [] });
    expect(config.clickhouse.password).toBe('p\n');
    const both = { ...env, CLICKHOUSE_PASSWORD: 'p', CLICKHOUSE_PASSWORD_FILE: password_file };
    expect(faultsOf({ env: { ...both, KAFKA_TLS_CA_FILE: '/nowhere', KAFKA_REPLICATION_FACTOR: 'two' } })).toEqual([
      expect.stringMatching(/^KAFKA_TLS_CA_FILE: .*no such file/),
      'CLICKHOUSE_PASSWORD_FILE: CLICKHOUSE_PASSWORD is set too; give one of them',
      expect.stringMatching(/^KAFKA_REPLICATION_FACTOR kafka\.replication_factor: /),
    ]);
    expect(withFiles({ CLICKHOUSE_PASSWORD_FILE: password_file, OTHER_FILE: '/nowhere' })).toEqual({
      CLICKHOUSE_PASSWORD: 'p\n',
      OTHER_FILE: '/nowhere',
    });
  });

  it('turns TLS on where an authority is named, and takes none that cannot be meant', () => {
    const ca = '-----BEGIN CERTIFICATE-----\nMII…\n-----END CERTIFICATE-----';
    const tls = (change: Record<string, string>) => loadConfig({ env: { ...env, ...change }, need: [] }).kafka.tls;
    expect(tls({})).toBeUndefined();
    expect(tls({ KAFKA_TLS_CA: ca })).toEqual({ enabled: true, ca });
    expect(tls({ KAFKA_TLS: 'true' })).toEqual({ enabled: true });
    expect(faultsOf({ env: { ...env, KAFKA_TLS_CA: '/etc/ssl/ca.pem' } })).toEqual([
      expect.stringMatching(/^KAFKA_TLS_CA kafka\.tls\.ca: no PEM text/),
    ]);
    expect(faultsOf({ env: { ...env, CLICKHOUSE_TLS_CA: ca } })).toEqual([
      'CLICKHOUSE_URL clickhouse.url: is not https although a certificate authority is named',
    ]);
  });

  it('takes a DSN that is one', () => {
    const sentry = (change: Record<string, string>) => loadConfig({ env: { ...env, ...change }, need: [] }).sentry;
    expect(sentry({})).toEqual({ environment: 'production' });
    const dsn = 'https://key@sentry.example.com/path/7';
    expect(sentry({ SENTRY_DSN: dsn, SENTRY_ENVIRONMENT: 'test' })).toEqual({ dsn, environment: 'test' });
    expect(faultsOf({ env: { ...env, SENTRY_DSN: 'https://sentry.example.com/7' } })).toEqual([
      expect.stringMatching(/^SENTRY_DSN sentry\.dsn: no DSN/),
    ]);
  });

  it('takes an address of Redis, and an authority for TLS alone', () => {
    const redis = (change: Record<string, string>) => loadConfig({ env: { ...env, ...change }, need: [] }).redis;
    expect(redis({})).toBeUndefined();
    expect(redis({ REDIS_URL: 'rediss://:p@cache:6380/1' })).toEqual({ url: 'rediss://:p@cache:6380/1' });
    const ca = '-----BEGIN CERTIFICATE-----\nMII…\n-----END CERTIFICATE-----';
    expect(faultsOf({ env: { ...env, REDIS_URL: 'redis://:secret@cache', REDIS_TLS_CA: ca } })).toEqual([
      'REDIS_URL redis.url: is not rediss although a certificate authority is named',
    ]);
    const [fault] = faultsOf({ env: { ...env, REDIS_URL: 'http://:secret@cache' } });
    expect(fault).toMatch(/^REDIS_URL redis\.url: no address of Redis/);
    expect(fault).not.toContain('secret');
  });

  it("takes OpenTelemetry's variables as it writes them", () => {
    const traces = (change: Record<string, string>) => loadConfig({ env: { ...env, ...change }, need: [] }).traces;
    expect(traces({})).toEqual({ headers: {}, ratio: 1 });
    const OTEL_EXPORTER_OTLP_HEADERS = 'authorization=Basic%20a%3D%3D, x-key = k=v';
    expect(traces({ OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER_ARG: '0.25' })).toEqual({
      headers: { authorization: 'Basic a==', 'x-key': 'k=v' },
      ratio: 0.25,
    });
    const [fault] = faultsOf({ env: { ...env, OTEL_EXPORTER_OTLP_HEADERS: 'a-secret' } });
    expect(fault).toMatch(/^OTEL_EXPORTER_OTLP_HEADERS traces\.headers: /);
    expect(fault).not.toContain('a-secret');
  });

  it('refuses a file that is not there or no YAML', () => {
    expect(faultsOf({ file: '/nowhere/millrace.yaml' })[0]).toContain('no such file');
    expect(faultsOf({ file: fileWith('a: [1') })[0]).toContain('millrace.yaml');
  });
});
