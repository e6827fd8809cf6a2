import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { environment, loadConfig } from '../config.ts';
import { configReference, leaves, yamlExample } from './config-reference.ts';

it('every setting says what it means', () => {
  const all = leaves();
  expect(all.length).toBeGreaterThan(20);
  expect(all.filter(({ schema }) => !schema.description).map(({ path }) => path)).toEqual([]);
});

it('names every setting and every variable, and every variable sets something', () => {
  const text = configReference();
  const paths = leaves().map(({ path }) => path);
  for (const path of paths) expect(text).toContain(`\`${path}\``);
  for (const [name, set] of Object.entries(environment)) {
    expect(text).toContain(`\`${name}\``);
    for (const path of set.split(' ')) expect(paths).toContain(path);
  }
});

it('shows an example that is accepted, and that says what the defaults are', () => {
  const file = fileWith(yamlExample());
  const shown = loadConfig({ file, env: {}, need: [] });
  const env = { KAFKA_BROKERS: shown.kafka.brokers, CLICKHOUSE_URL: shown.clickhouse.url };
  expect(shown).toEqual(loadConfig({ env, need: [] }));
});

it('comments out nothing that is not a setting', () => {
  const file = fileWith(yamlExample().replaceAll(/# /g, ''));
  const faults = (() => {
    try {
      loadConfig({ file, env: {}, need: [] });
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(faults).not.toMatch(/unknown key|YAML/);
});

function fileWith(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'millrace-reference-')), 'millrace.yaml');
  writeFileSync(file, text);
  return file;
}
