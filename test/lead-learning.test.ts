/** Outcomes teach the lead score while the pipeline runs: a version for each, and scores that name it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshDir, type Instance, startInstance, until } from './instance.ts';

const organization = 'oak';
const outcomes = 30;

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

const event = (id: string, type: string, email: string): object => ({
  ...{ specversion: '1.0', id, source: '/app', type, time: '2025-03-29T10:00:00Z', data: { email } },
});
const deal = (id: string, email: string, outcome: 'won' | 'lost'): object => ({
  ...{ crm: 'deal', id, changed_at: '2025-04-29T10:00:00Z', email, stage: outcome, outcome, amount: 100 },
});

async function load(name: string, lines: readonly object[]): Promise<void> {
  const file = join(freshDir(), `${name}.ndjson`);
  writeFileSync(file, lines.map(line => JSON.stringify(line)).join('\n'));
  const { code, stderr } = await instance.run(['import', file, '--organization', organization]);
  expect(code, stderr).toBe(0);
}

interface Scored {
  readonly person_id: string;
  readonly log_odds: number;
  readonly bias: number;
  readonly model_version: string;
  readonly learned: number;
}
const scoresOf = (...people: string[]): Promise<Scored[]> =>
  instance.sql<Scored>(
    `SELECT person_id, log_odds, bias, model_version,
      arraySum(arrayMap(r -> r.log_odds, arrayFilter(r -> startsWith(r.feature, 'learned_'), reasons))) AS learned
    FROM lead_scores WHERE organization_id = '${organization}' AND person_id IN (${people.map(one => `'${one}'`)})
    ORDER BY person_id, version`,
  );

it('learns who buys, and says so in the next scores', async () => {
  const people = Array.from({ length: outcomes }, (_, at) => ({ email: `p${at}@north.example`, won: at % 2 === 0 }));
  // Neither kind of event is known to a rule.
  await load(
    'before',
    people.map(({ email, won }, at) => event(`e${at}`, won ? 'webinar.joined' : 'brochure.read', email)),
  );
  const [first] = await scoresOf('p0@north.example');
  expect(first).toMatchObject({ model_version: 'lead-prior-1', learned: 0 });
  await load(
    'outcomes',
    people.map(({ email, won }, at) => deal(`d${at}`, email, won ? 'won' : 'lost')),
  );
  const [model] = await until('a version for each outcome', async () => {
    const rows = await instance.sql<{ versions: number; won: number; measured: number }>(
      `SELECT toUInt32(count()) AS versions, toUInt32(max(won)) AS won, max(measured) AS measured
      FROM lead_model_versions FINAL WHERE organization_id = '${organization}'`,
    );
    return rows[0]?.versions === outcomes ? rows : null;
  });
  expect(model).toEqual({ versions: outcomes, won: outcomes / 2, measured: outcomes });
  await load('after', [
    event('n1', 'webinar.joined', 'new@north.example'),
    event('n2', 'brochure.read', 'other@north.example'),
  ]);
  const [won, lost] = await scoresOf('new@north.example', 'other@north.example');
  expect([won?.model_version, lost?.model_version]).toEqual(Array(2).fill(`lead-prior-1+${outcomes}`));
  expect(won?.log_odds).toBeGreaterThan((lost?.log_odds ?? 0) + 0.5);
  expect(won?.learned).toBeCloseTo((won?.log_odds ?? 0) - (won?.bias ?? 0), 3);
});
