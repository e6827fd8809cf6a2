/** What a definition can be made of, without a broker: TTL, broadcast tables, a stream that meets a table. */
import { describe, expect, it } from 'vitest';
import { defineProcessor } from './processor.ts';
import { drive } from './test-driver.ts';
import { defineTopic } from './topic.ts';

interface Order {
  customer: string;
  amount: number;
  at_ms: number;
}
interface Customer {
  customer: string;
  tier: string;
}
interface Rule {
  tier: string;
  percent: number;
}
interface Price {
  customer: string;
  amount: number;
  tier: string;
}
const string = (name: string) => ({ name, type: 'string' }) as const;
const long = (name: string) => ({ name, type: 'long' }) as const;

const orders = defineTopic<Order>({
  name: 'orders',
  schema: { type: 'record', name: 'Order', fields: [string('customer'), long('amount'), long('at_ms')] },
  partitions: 'many',
  key: ({ customer }) => customer,
});
const customers = defineTopic<Customer>({
  name: 'customers',
  schema: { type: 'record', name: 'Customer', fields: [string('customer'), string('tier')] },
  partitions: 'many',
  compact_after_ms: 0,
  key: ({ customer }) => customer,
});
const rules = defineTopic<Rule>({
  name: 'rules',
  schema: { type: 'record', name: 'Rule', fields: [string('tier'), long('percent')] },
  partitions: 1,
  compact_after_ms: 0,
  key: ({ tier }) => tier,
});
const prices = defineTopic<Price>({
  name: 'prices',
  schema: { type: 'record', name: 'Price', fields: [string('customer'), long('amount'), string('tier')] },
  partitions: 'many',
  key: ({ customer }) => customer,
});
const order = (customer: string, amount: number, at_ms = 0): Order => ({ customer, amount, at_ms });
const tick = (at_ms: number): Order => order('', 0, at_ms);
const told = ({ customer, at_ms }: Order): number | null => (customer === '' ? at_ms : null);

describe('a stream and a table of the same keys', () => {
  const pricing = defineProcessor<
    { order: typeof orders; customer: typeof customers },
    Customer,
    { price: typeof prices }
  >({
    name: 'pricing',
    version: 1,
    inputs: { order: orders, customer: customers },
    state: customers.schema,
    outputs: { price: prices },
    on: {
      customer: customer => ({ state: customer }),
      order: ({ customer, amount }, known) => ({ emit: { price: { customer, amount, tier: known?.tier ?? 'none' } } }),
    },
    deleted: { customer: () => ({ state: null }) },
  });

  it('meet in the key’s state: a record sees the table as it is by then', () => {
    const driver = drive([pricing]);
    driver.feed(orders, order('ann', 1));
    driver.feed(customers, { customer: 'ann', tier: 'gold' });
    driver.feed(orders, order('ann', 2));
    driver.feed(orders, order('bob', 3));
    driver.feed(customers, { customer: 'ann', tier: 'silver' });
    driver.feed(orders, order('ann', 4));
    driver.remove(customers, 'ann');
    driver.feed(orders, order('ann', 5));
    expect(driver.read(prices).map(({ customer, amount, tier }) => `${customer} ${amount} ${tier}`)).toEqual([
      'ann 1 none',
      'ann 2 gold',
      'bob 3 none',
      'ann 4 silver',
      'ann 5 none',
    ]);
    expect(driver.state(pricing, 'ann')).toBeNull();
  });

  it('a tombstone that nobody expects is rejected', () => {
    const driver = drive([pricing]);
    driver.remove(orders, 'ann');
    expect(driver.rejected).toEqual([{ cause: 'avro.empty', message: 'the record has no value' }]);
  });
});

describe('a broadcast table', () => {
  const discount = defineProcessor({
    name: 'discount',
    version: 1,
    inputs: { order: orders },
    tables: { rules },
    outputs: { price: prices },
    on: {
      order({ customer, amount }, _, { tables }) {
        const rule = tables.rules.get('gold');
        return { emit: { price: { customer, amount: amount * (1 - (rule?.percent ?? 0) / 100), tier: 'gold' } } };
      },
    },
  });

  it('is seen whole by every key, as it is by then', () => {
    const driver = drive([discount]);
    driver.feed(orders, order('ann', 100));
    driver.feed(rules, { tier: 'gold', percent: 10 });
    driver.feed(orders, order('ann', 100));
    driver.feed(orders, order('bob', 200));
    driver.feed(rules, { tier: 'gold', percent: 20 });
    driver.feed(orders, order('ann', 100));
    driver.remove(rules, 'gold');
    driver.feed(orders, order('bob', 100));
    expect(driver.read(prices).map(({ amount }) => amount)).toEqual([100, 90, 180, 80, 100]);
    expect(driver.rejected).toEqual([]);
  });

  it('must be compacted and have one partition', () => {
    const { definition } = discount;
    for (const topic of [customers, orders]) {
      expect(() => defineProcessor({ ...definition, tables: { rules: topic } })).toThrow(
        `discount: ${topic.name} cannot be a table`,
      );
    }
  });
});

describe('ttl', () => {
  const minute_ms = 60_000;
  /** Sums what a customer has ordered, tells it after so many minutes, and forgets who has not ordered for five. */
  const spending = (parts: { timer: boolean }) =>
    defineProcessor<{ order: typeof orders }, Order, { price: typeof prices }>({
      name: 'spending',
      version: 1,
      inputs: { order: orders },
      state: orders.schema,
      outputs: { price: prices },
      clock: told,
      ttl: { after_ms: 5 * minute_ms, touched_ms: ({ at_ms }) => at_ms },
      ...(parts.timer ? { timer } : {}),
      on: {
        order: ({ customer, amount, at_ms }, before) => ({
          state: order(customer, amount + (before?.amount ?? 0), Math.max(at_ms, before?.at_ms ?? 0)),
        }),
      },
    });
  const timer = {
    due_ms: ({ amount, at_ms }: Order) => (amount > 0 ? at_ms + amount * minute_ms : null),
    fire: ({ customer, amount, at_ms }: Order) => ({
      state: order(customer, -amount, at_ms),
      emit: { price: { customer, amount, tier: '' } },
    }),
  };

  it('forgets a key whose state was not touched for so long, and no other', () => {
    const stage = spending({ timer: false });
    const driver = drive([stage]);
    driver.feed(orders, order('ann', 1, 0));
    driver.feed(orders, order('bob', 1, 0));
    driver.feed(orders, order('ann', 1, 1));
    driver.feed(orders, tick(5 * minute_ms - 1));
    expect(driver.state(stage, 'bob')).not.toBeNull();
    driver.feed(orders, tick(5 * minute_ms));
    expect(driver.state(stage, 'bob')).toBeNull();
    expect(driver.state(stage, 'ann')).toEqual(order('ann', 2, 1));
    driver.feed(orders, order('bob', 7, 6 * minute_ms));
    expect(driver.state(stage, 'bob')).toEqual(order('bob', 7, 6 * minute_ms));
  });

  it('goes together with a timer, which has the last word where it is due by then', () => {
    const stage = spending({ timer: true });
    const driver = drive([stage]);
    driver.feed(orders, order('ann', 1, 0));
    driver.feed(orders, tick(minute_ms));
    expect(driver.state(stage, 'ann')).toEqual(order('ann', -1, 0));
    driver.feed(orders, tick(5 * minute_ms));
    expect(driver.state(stage, 'ann')).toBeNull();
    driver.feed(orders, order('bob', 2, 5 * minute_ms));
    driver.feed(orders, order('cid', 6, 5 * minute_ms));
    driver.feed(orders, tick(10 * minute_ms));
    expect([driver.state(stage, 'bob'), driver.state(stage, 'cid')]).toEqual([null, null]);
    expect(driver.read(prices).map(({ customer, amount }) => [customer, amount])).toEqual([
      ['ann', 1],
      ['bob', 2],
    ]);
  });

  it('needs a clock, and state', () => {
    const { clock, ...timeless } = spending({ timer: true }).definition;
    expect(() => defineProcessor(timeless)).toThrow('spending: a timer or TTL needs a clock');
    const { state, ...stateless } = spending({ timer: true }).definition;
    expect(() => defineProcessor(stateless)).toThrow('spending: without state no key wakes');
    expect([clock, state]).not.toContain(undefined);
  });
});
