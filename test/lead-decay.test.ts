/** A lead score falls while nothing happens, as the watermark moves on; the time is told here in place of the clock. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type KafkaConfig, openTransactionalProducer } from '../lib/kafka.ts';
import { partitionsOf } from '../lib/kafka-admin.ts';
import { serdeOf } from '../lib/registry.ts';
import { openRegistry } from '../lib/registry-open.ts';
import { drive } from '../lib/test-driver.ts';
import type { Topic } from '../lib/topic.ts';
import { customer, decays_max } from '../processors/customer.ts';
import { interaction, noon_ms } from '../processors/test-records.ts';
import { tick } from '../processors/tick.ts';
import type { CustomerRow } from '../query-api/rows.ts';
import type { Customer, Profile } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import { freshDir, type Instance, startInstance, until } from './instance.ts';
import { startRig } from './processor-rig.ts';

const organization = 'oak';
const person = 'ada@north.example';
const day_ms = 86_400_000;

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

/** Of somebody who tried and asked for a demo three years ago, and of somebody who did so now. */
const [old_ms, now_ms] = [Date.now() - 3 * 365 * day_ms, Date.now() - 60_000];
const event = (id: string, type: string, email: string, at_ms: number): object => ({
  ...{ specversion: '1.0', id, source: '/app', type, time: new Date(at_ms).toISOString(), data: { email } },
});

async function load(lines: readonly object[]): Promise<void> {
  const file = join(freshDir(), 'events.ndjson');
  writeFileSync(file, lines.map(line => JSON.stringify(line)).join('\n'));
  const { code, stderr } = await instance.run(['import', file, '--organization', organization]);
  expect(code, stderr).toBe(0);
}

async function tell(at_ms: number): Promise<void> {
  const read = (name: string) => JSON.parse(readFileSync(join(instance.data_dir, name), 'utf8'));
  const sasl = { mechanism: 'plain', username: 'millrace', password: read('secrets.json').kafka } as const;
  const kafka: KafkaConfig = { brokers: read('run.json').kafka, replication_factor: 1, sasl };
  const serde = serdeOf(await openRegistry({ kafka }, [topics.measurement]), topics.measurement);
  const producer = await openTransactionalProducer(kafka, 'test.clock');
  await producer.begin();
  for (const { topic, partition } of await partitionsOf(kafka, [topics.measurement.name])) {
    producer.produce(topic, partition, '', serde.serialize(tick(at_ms)));
  }
  await producer.commit();
  await producer.close();
}

async function customerOf(id: string): Promise<CustomerRow> {
  const response = await instance.fetch(`/api/customers/${id}?organization_id=${organization}`);
  return (await response.json()) as CustomerRow;
}
const decayedCustomer = (id: string, than: number): Promise<CustomerRow> =>
  until(`a score of ${id} below ${than}`, async () => {
    const found = await customerOf(id);
    return found.score < than ? found : null;
  });

it('falls with no new event, by steps, in the rows, the API and the movements', async () => {
  const silent = 'bob@south.example';
  await load([
    ...['trial_started', 'demo_requested'].map((type, at) => event(`o${at}`, type, silent, old_ms + at)),
    ...['trial_started', 'demo_requested'].map((type, at) => event(`n${at}`, type, person, now_ms + at)),
  ]);
  const first = await customerOf(person);
  expect(first).toMatchObject({ decayed_to: null, fit: 50, grade: 'A' });
  // As of its own day, whenever it was imported.
  expect((await customerOf(silent)).score).toBe(first.score);

  await tell(Date.now() + 10 * 60_000);
  const end = await decayedCustomer(silent, first.score);
  expect(end).toMatchObject({
    score: 10,
    engagement: 50,
    decayed_to: new Date(old_ms + 1 + 365 * day_ms).toISOString(),
  });
  expect(await customerOf(person)).toEqual({ ...first, timeline: expect.anything() });

  await tell(now_ms + 40 * day_ms);
  const later = await decayedCustomer(person, first.score);
  expect(later.engagement).toBeLessThan(first.engagement);
  expect(later.events).toBe(first.events);
  for (const one of [first, end, later]) {
    expect(one.bias + one.fit_log_odds + one.engagement_log_odds).toBeCloseTo(one.log_odds, 9);
    expect(one.reasons.reduce((sum, { log_odds }) => sum + log_odds, one.bias)).toBeCloseTo(one.log_odds, 9);
  }

  const scores = await instance.sql<{ person_id: string; version: number; decayed: number }>(
    `SELECT person_id, toUInt32(version) AS version, toUInt32(decayed_to IS NOT NULL) AS decayed FROM lead_scores
    WHERE organization_id = '${organization}' ORDER BY person_id, version`,
  );
  const ofPerson = (id: string) => scores.filter(({ person_id }) => person_id === id).map(({ decayed }) => decayed);
  // Three years of silence are told at once.
  expect(ofPerson(silent)).toEqual([0, 0, 1]);
  expect(ofPerson(person)).toEqual([0, 0, 1]);
  const moves = await instance.sql<{ person_id: string; because: string; caused_by: string }>(
    `SELECT person_id, because, caused_by FROM lead_movements WHERE decayed_to IS NOT NULL ORDER BY person_id`,
  );
  expect(moves.map(({ person_id, because }) => [person_id, because])).toEqual([
    [person, 'decay'],
    [silent, 'decay'],
  ]);
});

it('is what docs/questions.md calls decay', async () => {
  const [, section = ''] = readFileSync('docs/questions.md', 'utf8').split('## Which leads changed grade');
  const [, sql = ''] = /```sql\n([\s\S]*?)```/.exec(section) ?? [];
  const { decayed_to } = await customerOf(person);
  const at = (decayed_to ?? '').replace('T', ' ').replace('Z', '');
  const url = new URL('/sql?default_format=JSONEachRow', instance.url);
  for (const [name, value] of Object.entries({ organization, at, time_zone: 'UTC' })) {
    url.searchParams.set(`param_${name}`, value);
  }
  const authorization = `Bearer ${await instance.token()}`;
  const answer = await fetch(url, { method: 'POST', body: sql, headers: { authorization } });
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  const changed = text.split('\n').filter(Boolean);
  expect(changed.map(line => JSON.parse(line))).toMatchObject([
    { person_id: person, because: 'decay', behaviour: 0, model: 0, last_cause: 'event demo_requested' },
  ]);
});

it('is told of so many people a tick, and of the others at the next', async () => {
  const people = Array.from({ length: decays_max + 50 }, (_, at) => `p${at}@west.example`);
  await load(people.map((email, at) => event(`p${at}`, 'trial_started', email, now_ms)));
  const told = async (): Promise<number> => {
    const [row] = await instance.sql<{ people: number }>(
      `SELECT toUInt32(uniqExact(person_id)) AS people FROM lead_scores
      WHERE endsWith(person_id, '@west.example') AND decayed_to IS NOT NULL`,
    );
    return row?.people ?? 0;
  };
  const [first_ms, next_ms] = [now_ms + 30 * day_ms, now_ms + 30 * day_ms + 1];
  await tell(first_ms);
  await until('as many as a tick wakes', async () => (await told()) >= decays_max);
  expect(await told()).toBe(decays_max);
  await tell(next_ms);
  await until('all', async () => (await told()) === people.length);
});

it('comes to the same whenever it is told, over restarts that begin with an empty directory', async () => {
  const rig = await startRig();
  onTestFinished(() => rig.stop());
  const { definition, changelog } = customer;
  const all = [...Object.values(definition.inputs), ...Object.values(definition.outputs), topics.leadModel, changelog];
  await rig.createTopics([...new Set(all)] as Topic<never>[], 1);
  const records = ['trial_started', 'demo_requested', 'login'].map((name, at) =>
    interaction({ interaction_id: `i${at}`, kind: 'event', name, occurred_at_ms: noon_ms + at }),
  );
  const often = Array.from({ length: 50 }, (_, at) => noon_ms + (at + 1) * 8 * day_ms);
  const expected = drive([customer]);
  for (const record of records) expected.feed(topics.interaction, record);
  for (const at_ms of often) expected.feed(topics.measurement, tick(at_ms));

  const seldom = often.filter((_, at) => at % 7 === 0 || at === often.length - 1);
  const rounds = [seldom.slice(0, 4), seldom.slice(4, 6), seldom.slice(6)];
  for (const [round, ticks_ms] of rounds.entries()) {
    const run = await rig.start(customer, `round ${round}`);
    if (round === 0) {
      await rig.send(topics.interaction, records);
      await until('the records', async () => (await rig.read(topics.customerUpdated)).length === 3);
    }
    await rig.send(topics.measurement, ticks_ms.map(tick));
    const [until_ms = 0] = ticks_ms.slice(-1);
    await until('the ticks', async () => {
      const states = await rig.read(changelog as Topic<unknown>);
      const { customer: told, decays_at_ms } = states.at(-1) as Profile;
      return decays_at_ms === null ? told.decayed_to_ms !== null : decays_at_ms > until_ms;
    });
    await run.stop();
  }
  const told = (customers: readonly Customer[]) => {
    const { lineage: _, updated_at_ms: __, ...last } = customers.at(-1) as Customer;
    return last;
  };
  const found = await rig.read(topics.customerUpdated);
  expect(told(found)).toEqual(told(expected.read(topics.customerUpdated)));
  expect(found.length).toBeLessThan(expected.read(topics.customerUpdated).length);
});
