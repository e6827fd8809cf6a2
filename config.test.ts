import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ConfigSource, loadConfig } from './config.ts';

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
    expect(config.organization).toEqual({ id: 'default', domains: ['example.com'], addresses: [] });
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

  it("keeps the sample company apart: what is removed with it must not be one's own", () => {
    expect(faultsOf({ env: { ...env, MILLRACE_ORGANIZATION: 'sample' } })).toEqual([
      expect.stringMatching(/^MILLRACE_ORGANIZATION organization\.id: is the sample company/),
    ]);
  });

  it('refuses a file that is not there or no YAML', () => {
    expect(faultsOf({ file: '/nowhere/millrace.yaml' })[0]).toContain('no such file');
    expect(faultsOf({ file: fileWith('a: [1') })[0]).toContain('millrace.yaml');
  });
});
