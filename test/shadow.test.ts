/** History read again by candidate models: nothing changes until they are published, and then only what is read from there on. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModel, saveModel } from '../lib/model-file.ts';
import { models_folder } from '../processors/models.ts';
import { freshDir, type Instance, startInstance } from './instance.ts';

const data_dir = freshDir();
const candidates = freshDir();
let instance: Instance;

const post = async (subject: string, content: string): Promise<{ email_id: string; sentiment: string }> => {
  const body = JSON.stringify({ sender: 'kim@acme.example', subject, content });
  const headers = { 'content-type': 'application/json' };
  const response = await instance.fetch('/api/emails', { method: 'POST', body, headers });
  expect(response.status).toBe(201);
  return (await response.json()) as { email_id: string; sentiment: string };
};
const modelsOf = async (email_id: string): Promise<Record<string, string>> => {
  const response = await instance.fetch(`/api/emails/${email_id}`);
  return ((await response.json()) as { models: Record<string, string> }).models;
};

/** A model that finds everything positive. */
function makeCandidate(): string {
  const shipped = loadModel(models_folder, 'sentiment');
  const bias = Float32Array.from(shipped.arrays.bias as Float32Array);
  bias[2] = 100;
  return saveModel(candidates, { ...shipped, arrays: { ...shipped.arrays, bias } });
}

interface Told {
  read: number;
  live_models: Record<string, string[]>;
  candidate_models: Record<string, string>;
  changed: { sentiment: number; category: number };
  sentiment: Record<string, number>;
  examples: { email_id: string; changes: Record<string, string> }[];
}

beforeAll(async () => {
  instance = await startInstance({ data_dir });
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

describe('millrace shadow', () => {
  let version = '';
  let bad: { email_id: string; sentiment: string };
  const shadow = (...args: string[]) => instance.run(['shadow', '--models', candidates, ...args]);

  it('counts and shows what candidates would say otherwise, and changes nothing', async () => {
    version = makeCandidate();
    bad = await post('Broken', 'This is terrible. Nothing works and I am angry.');
    await post('Thanks', 'I love it, thank you so much!');
    expect(bad.sentiment).toBe('negative');
    const { code, stdout } = await shadow('--json');
    expect(code).toBe(0);
    const told = JSON.parse(stdout) as Told;
    expect(told).toMatchObject({
      read: 2,
      changed: { sentiment: 1, category: 0 },
      sentiment: { 'negative → positive': 1 },
    });
    expect(told.candidate_models.sentiment).toBe(version);
    expect(told.live_models.sentiment).toEqual([loadModel(models_folder, 'sentiment').version]);
    expect(told.examples[0]).toMatchObject({ email_id: bad.email_id, changes: { sentiment: 'negative → positive' } });
    expect((await post('Broken again', 'This is terrible. Nothing works and I am angry.')).sentiment).toBe('negative');
  });

  it('says it to people, too', async () => {
    const { stdout } = await shadow();
    expect(stdout).toMatch(/^3 mails\n/);
    expect(stdout).toContain('negative → positive');
    expect(stdout).toContain(bad.email_id);
  });

  it('tries categories of a configuration', async () => {
    const config = join(freshDir(), 'millrace.yaml');
    writeFileSync(config, 'categories: [{name: outage, rules: [{any: [nothing works]}]}]\n');
    const { stdout } = await instance.run(['shadow', '--config', config, '--json']);
    const { read, changed, category } = JSON.parse(stdout) as Told & { category: Record<string, number> };
    expect([read, changed.category]).toEqual([3, 2]);
    expect(Object.keys(category).every(change => change.endsWith('→ outage'))).toBe(true);
    expect((await instance.run(['shadow'])).code).toBe(2);
  });

  it('refuses a folder without models, and one whose files are others', async () => {
    expect(await instance.run(['shadow', '--models', freshDir()])).toMatchObject({ code: 1 });
    const { stderr } = await instance.run(['shadow', '--models', freshDir()]);
    expect(stderr).toContain('no models in');
  });

  it('publishes them for what is read after the next start', async () => {
    const { code, stderr } = await shadow('--publish');
    expect(code).toBe(0);
    expect(stderr).toContain(join(data_dir, 'models'));
    await instance.stop();
    instance = await startInstance({ data_dir });
    const next = await post('Broken once more', 'This is terrible. Nothing works and I am angry.');
    expect(next.sentiment).toBe('positive');
    expect((await modelsOf(next.email_id)).sentiment).toBe(version);
    expect((await modelsOf(bad.email_id)).sentiment).not.toBe(version);
  });
});
