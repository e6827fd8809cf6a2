/** The worked example of docs/schemas.md: a topic of orders, whose schema changes. */
import type { AvroRecord } from '../lib/avro.ts';
import { type KafkaConfig, readToEnd } from '../lib/kafka.ts';
import { partitionsOf } from '../lib/kafka-admin.ts';
import { defineTopic, type Topic } from '../lib/topic.ts';

export interface Order {
  id: string;
  total: number;
  currency?: string | null;
}

export const first: AvroRecord = {
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'total', type: 'double' },
  ],
};
const currency = { name: 'currency', type: ['null', 'string'], default: null } as const;
export const withCurrency: AvroRecord = { ...first, fields: [...first.fields, currency] };
export const required: AvroRecord = {
  ...withCurrency,
  fields: [...withCurrency.fields, { name: 'tax', type: 'double' }],
};
export const withoutTotal: AvroRecord = {
  ...withCurrency,
  fields: withCurrency.fields.filter(({ name }) => name !== 'total'),
};

export const orders = (name: string, schema: AvroRecord) =>
  defineTopic<Order>({ name, schema, partitions: 1, key: order => order.id });
export const list = (...some: Topic<Order>[]) => some as unknown as Topic<never>[];

/** The bytes of every record of a topic. */
export async function rawOf(kafka: KafkaConfig, topic: string): Promise<Buffer[]> {
  const values: Buffer[] = [];
  await readToEnd(
    kafka,
    await partitionsOf(kafka, [topic]),
    (batch, i) => void values.push(Buffer.from(batch.value(i) as Buffer)),
  );
  return values;
}
