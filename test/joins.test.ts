/** Joins, broadcast tables and TTL on a real broker, each over restarts that begin with an empty directory. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../bench/random.ts';
import type { AvroRecord } from '../lib/avro.ts';
import { streamJoin } from '../lib/join.ts';
import { readToEnd } from '../lib/kafka.ts';
import { partitionsOf } from '../lib/kafka-admin.ts';
import { defineProcessor, type Processor } from '../lib/processor.ts';
import { header_bytes } from '../lib/registry.ts';
import { defineTopic, type Topic } from '../lib/topic.ts';
import { until } from './instance.ts';
import { type Rig, startRig } from './processor-rig.ts';

interface Event {
  id: string;
  person: string;
  at_ms: number;
}
const schemaOf = (name: string, fields: Record<string, 'string' | 'long'>): AvroRecord => ({
  type: 'record',
  name,
  namespace: 'test',
  fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
});
const events = (name: string) =>
  defineTopic<Event>({
    name,
    schema: schemaOf('Event', { id: 'string', person: 'string', at_ms: 'long' }),
    partitions: 'many',
    key: ({ person }) => person,
  });
const tick = (at_ms: number): Event => ({ id: '', person: '', at_ms });
const clock = ({ person, at_ms }: Event): number | null => (person === '' ? at_ms : null);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig?.stop());

function create({ definition: { inputs, outputs, tables = {} }, changelog }: Processor): Promise<void> {
  const topics = [inputs, outputs, tables].flatMap(Object.values<Topic<unknown>>);
  return rig.createTopics([...topics, ...(changelog ? [changelog] : [])]);
}

async function tell(topic: Topic<Event>, at_ms: number): Promise<void> {
  for (const partition of [0, 1]) await rig.send(topic, [tick(at_ms)], partition);
}

describe('a join of two streams', () => {
  interface Pair {
    person: string;
    click: string;
    sale: string;
  }
  const clicks = events('clicks');
  const sales = events('sales');
  const pairs = defineTopic<Pair>({
    name: 'pairs',
    schema: schemaOf('Pair', { person: 'string', click: 'string', sale: 'string' }),
    partitions: 'many',
    key: ({ person }) => person,
  });
  const within_ms = 1_000;
  const grace_ms = 30 * 60_000;
  const at_ms = (event: Event): number => event.at_ms;
  const bought = defineProcessor(
    streamJoin({
      name: 'bought',
      version: 1,
      left: { topic: clicks, at_ms },
      right: { topic: sales, at_ms },
      output: pairs,
      within_ms,
      grace_ms,
      clock,
      join: ({ person, id }, sale) => ({ person, click: id, sale: sale.id }),
      unmatched: ({ person, id }) => ({ person, click: id, sale: '' }),
    }),
  );
  const changelog = bought.changelog as Topic<unknown>;
  const random = createRandom(7);
  const persons = 100;
  const began_ms = Date.now();
  const sent: { clicks: Event[]; sales: Event[] } = { clicks: [], sales: [] };

  /** In no order of time. */
  async function sendSome(count: number, names: (i: number) => string): Promise<void> {
    const some = (side: string) =>
      Array.from({ length: count }, (_, i) => ({
        id: `${side}${sent.clicks.length + i}`,
        person: names(i),
        at_ms: began_ms + random.int(0, 10_000),
      }));
    const [left, right] = [some('c'), some('s')];
    await rig.send(clicks, left);
    await rig.send(sales, right);
    sent.clicks.push(...left);
    sent.sales.push(...right);
  }
  const anybody = () => `person-${random.int(0, persons - 1)}`;
  const told = async (): Promise<string[]> =>
    (await rig.read(pairs)).map(({ person, click, sale }) => `${person} ${click}+${sale}`).sort();

  /** Each with each. */
  function expected(): string[] {
    return sent.clicks
      .flatMap(({ person, id, at_ms }) => {
        const met = sent.sales.filter(sale => sale.person === person && Math.abs(sale.at_ms - at_ms) <= within_ms);
        return (met.length === 0 ? [{ id: '' }] : met).map(sale => `${person} ${id}+${sale.id}`);
      })
      .sort();
  }
  const matched = (): string[] => expected().filter(pair => !pair.endsWith('+'));

  it('gives what a recomputation gives, though its state comes from a compacted changelog', async () => {
    await create(bought);
    const first = await rig.start(bought, 'join-a');
    for (let round = 0; round < 5; round++) {
      await sendSome(persons, i => `person-${i}`);
      await until('pairs', async () => (await told()).length === matched().length);
    }
    await until('compaction', async () => {
      // A segment is closed when something is written after its time.
      await sendSome(8, i => `bump-${i}`);
      return (await rig.read(changelog)).length < 3 * persons;
    });
    await first.stop();

    for (const folder of ['join-b', 'join-c']) {
      const again = await rig.start(bought, folder);
      expect(again.replayed).toBeGreaterThanOrEqual(persons);
      await sendSome(200, anybody);
      await until('pairs', async () => (await told()).length >= matched().length);
      expect(await told()).toEqual(matched());
      await again.stop();
    }

    const last = await rig.start(bought, 'join-d');
    await tell(clicks, began_ms + 24 * 60 * 60_000);
    await until('those that met none', async () => (await told()).length >= expected().length);
    expect(await told()).toEqual(expected());
    await last.stop();
    const everybody = new Set(sent.clicks.map(({ person }) => person));
    expect(new Set(await rig.tombstones(changelog))).toEqual(everybody);
  });
});

describe('a stream that meets a table', () => {
  interface Order {
    person: string;
    id: string;
    tier: string;
  }
  const field = { person: 'string', id: 'string', tier: 'string' } as const;
  const people = (name: string) =>
    defineTopic<Order>({
      name,
      schema: schemaOf('Order', field),
      partitions: 'many',
      compact_after_ms: 0,
      key: ({ person }) => person,
    });
  const [orders, customers, priced] = [people('orders'), people('customers'), people('priced')] as const;
  const pricing = defineProcessor<
    { order: typeof orders; customer: typeof customers },
    Order,
    { priced: typeof priced }
  >({
    name: 'pricing',
    version: 1,
    inputs: { order: orders, customer: customers },
    state: customers.schema,
    outputs: { priced },
    on: {
      customer: customer => ({ state: customer }),
      order: (order, customer) => ({ emit: { priced: { ...order, tier: customer?.tier ?? 'none' } } }),
    },
    deleted: { customer: () => ({ state: null }) },
  });
  const customer = (person: string, tier: string): Order => ({ person, id: '', tier });
  async function order(id: string): Promise<Record<string, string>> {
    const ordered = ['ann', 'bob', 'cid'].map(person => ({ person, id, tier: '' }));
    await rig.send(orders, ordered);
    const found = async () => (await rig.read(priced)).filter(one => one.id === id);
    await until('the orders', async () => (await found()).length === ordered.length);
    return Object.fromEntries((await found()).map(({ person, tier }) => [person, tier]));
  }
  const known = (count: number) =>
    until('the customers', async () => {
      const changelog = pricing.changelog as Topic<unknown>;
      return (await rig.read(changelog)).length + (await rig.tombstones(changelog)).length >= count;
    });

  it('has the table as it was before the restart, deletions too', async () => {
    await create(pricing);
    const first = await rig.start(pricing, 'table-a');
    await rig.send(customers, [customer('ann', 'gold'), customer('bob', 'silver')]);
    await known(2);
    expect(await order('1')).toEqual({ ann: 'gold', bob: 'silver', cid: 'none' });
    await rig.sendBytes(customers, 'bob', null);
    await known(3);
    await first.stop();
    const again = await rig.start(pricing, 'table-b');
    expect(await order('2')).toEqual({ ann: 'gold', bob: 'none', cid: 'none' });
    await again.stop();
  });
});

describe('a broadcast table', () => {
  interface Rule {
    name: string;
    version: number;
    weight: number;
  }
  interface Sum {
    person: string;
    sum: number;
    rule_version: number;
  }
  const rules = defineTopic<Rule>({
    name: 'rules',
    schema: schemaOf('Rule', { name: 'string', version: 'long', weight: 'long' }),
    partitions: 1,
    compact_after_ms: 0,
    key: ({ name }) => name,
  });
  const visits = events('visits');
  const sums = defineTopic<Sum>({
    name: 'sums',
    schema: schemaOf('Sum', { person: 'string', sum: 'long', rule_version: 'long' }),
    partitions: 'many',
    key: ({ person }) => person,
  });
  const rules_count = 2_500;
  const last = `rule-${rules_count - 1}`;
  const summing = defineProcessor<{ visit: typeof visits }, Sum, { sum: typeof sums }, { rules: typeof rules }>({
    name: 'summing',
    version: 1,
    inputs: { visit: visits },
    tables: { rules },
    state: sums.schema,
    outputs: { sum: sums },
    on: {
      visit({ person }, before, { tables }) {
        const { version, weight } = tables.rules.get(last) ?? { version: 0, weight: 0 };
        const state = { person, sum: (before?.sum ?? 0) + weight, rule_version: version };
        return { state, emit: { sum: state } };
      },
    },
  });
  const weightOf = (version: number): number => (version === 0 ? 0 : 10 ** version);
  const publish = (version: number, names: readonly string[], weight = weightOf(version)): Promise<void> =>
    rig.send(
      rules,
      names.map(name => ({ name, version, weight })),
    );

  const persons = ['ann', 'bob', 'cid', 'dan'];
  let visited = 0;
  async function arrive(): Promise<void> {
    await rig.send(
      visits,
      persons.map(person => ({ id: '', person, at_ms: 0 })),
    );
    visited += persons.length;
  }
  async function visit(): Promise<Sum[]> {
    await arrive();
    await until('the sums', async () => (await rig.read(sums)).length === visited);
    return rig.read(sums);
  }
  const versions = (all: readonly Sum[]): number[] => all.map(one => one.rule_version);

  it('is whole before the first record, is followed past what cannot be read, and goes with the restored state', async () => {
    await create(summing);
    await publish(
      1,
      Array.from({ length: rules_count }, (_, i) => `rule-${i}`),
    );
    const first = await rig.start(summing, 'rules-a');
    expect(new Set(versions(await visit()))).toEqual(new Set([1]));
    await publish(2, [last]);
    await until('the new rule', async () => versions(await visit()).includes(2));
    await first.stop();

    await publish(3, [last]);
    await rig.sendBytes(rules, last, Buffer.from('no record'));
    const again = await rig.start(summing, 'rules-b');
    expect(again.replayed).toBeGreaterThanOrEqual(persons.length);
    const seen = versions(await visit()).filter(version => version === 3);
    expect(seen).toHaveLength(persons.length);
    await rig.sendBytes(rules, last, null);
    await until('the rule to be gone', async () => versions(await visit()).includes(0));
    await again.stop();

    // Each output names the rule it was made with, and from these alone follow all the sums.
    const all = await rig.read(sums);
    for (const person of persons) {
      let sum = 0;
      for (const one of all.filter(each => each.person === person)) {
        sum += weightOf(one.rule_version);
        expect(one.sum).toBe(sum);
      }
    }
  });

  it('is one and the same for a whole transaction', async () => {
    const run = await rig.start(summing, 'rules-c', 500);
    let version = 100;
    let transactions: number[][] = [];
    await until('several transactions of several records', async () => {
      for (let round = 0; round < 3; round++) {
        await publish(version++, [last], 0);
        await arrive();
      }
      transactions = (await transactionsOf(sums)).map(versions);
      const several = transactions.filter(all => all.length > persons.length).flat();
      return new Set(several.filter(one => one >= 100)).size >= 3;
    });
    await run.stop();
    for (const all of transactions) expect(new Set(all).size).toBe(1);
  });

  /** The records of each transaction in each partition: its marker takes the offset behind them. */
  async function transactionsOf(topic: Topic<Sum>): Promise<Sum[][]> {
    const found: Sum[][] = [];
    let next = '';
    await readToEnd(rig.kafka, await partitionsOf(rig.kafka, [topic.name]), (batch, i) => {
      const record = topic.codec.decode(batch.bytes, batch.valueStart(i) + header_bytes, batch.valueEnd(i));
      if (`${batch.partition(i)}/${batch.offset(i)}` === next) found.at(-1)?.push(record);
      else found.push([record]);
      next = `${batch.partition(i)}/${batch.offset(i) + 1}`;
    });
    return found;
  }
});

describe('ttl', () => {
  interface Count {
    person: string;
    count: number;
    at_ms: number;
  }
  const logins = events('logins');
  const counts = defineTopic<Count>({
    name: 'counts',
    schema: schemaOf('Count', { person: 'string', count: 'long', at_ms: 'long' }),
    partitions: 'many',
    key: ({ person }) => person,
  });
  const after_ms = 1_000;
  const counting = defineProcessor<{ login: typeof logins }, Count, { count: typeof counts }>({
    name: 'login-count',
    version: 1,
    inputs: { login: logins },
    state: counts.schema,
    outputs: { count: counts },
    clock,
    ttl: { after_ms, touched_ms: ({ at_ms }) => at_ms },
    on: {
      login({ person, at_ms }, before) {
        const state = { person, count: (before?.count ?? 0) + 1, at_ms };
        return { state, emit: { count: state } };
      },
    },
  });
  const changelog = counting.changelog as Topic<unknown>;
  const people = (name: string) => Array.from({ length: 30 }, (_, i) => `${name}-${i}`);
  const everybody = [...people('early'), ...people('late')];
  const timeOf = (person: string): number => (person.startsWith('early') ? 5_000 : 5_001);
  async function login(times: number): Promise<void> {
    await rig.send(
      logins,
      everybody.map(person => ({ id: '', person, at_ms: timeOf(person) })),
    );
    const count = times * everybody.length;
    await until('the counts', async () => (await rig.read(counts)).length === count);
  }

  it('leaves a tombstone for each key that was not touched for so long, and no other', async () => {
    await create(counting);
    const first = await rig.start(counting, 'ttl-a');
    await login(1);
    await first.stop();

    const second = await rig.start(counting, 'ttl-b');
    expect(second.replayed).toBe(everybody.length);
    await tell(logins, 5_000 + after_ms);
    await until('tombstones', async () => (await rig.tombstones(changelog)).length >= 30);
    expect((await rig.tombstones(changelog)).sort()).toEqual(people('early').sort());
    await second.stop();

    const third = await rig.start(counting, 'ttl-c');
    await login(2);
    await third.stop();
    const counted = (await rig.read(counts)).filter(({ count }) => count === 2).map(({ person }) => person);
    expect(counted.sort()).toEqual(people('late').sort());
  });
});
