/** What is easily got wrong with the Kafka clients, on a real broker and on both ways into the client. docs/faults.md lists all traps. */
import { Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRawReader, openTransactionalProducer, readToEnd } from '../lib/kafka.ts';
import { partitionsOf } from '../lib/kafka-admin.ts';
import { defineTopic } from '../lib/topic.ts';
import { type Rig, startRig } from './processor-rig.ts';

interface Word {
  word: string;
}
const topicOf = (name: string) =>
  defineTopic<Word>({
    name,
    schema: { type: 'record', name: 'Word', fields: [{ name: 'word', type: 'string' }] },
    partitions: 1,
    key: ({ word }) => word,
  });
const packed = topicOf('packed');
const steady = topicOf('steady');
const cut = topicOf('cut');

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
  await rig.createTopics([packed, steady, cut] as never);
});
afterAll(() => rig?.stop());

const words = (count: number): Word[] => Array.from({ length: count }, (_, i) => ({ word: `word-${i}` }));

describe.each([true, false])('with the native border: %s', native => {
  const kafka = () => ({ ...rig.kafka, native });

  it('reads what lz4 has packed, where kafkajs would read nothing', async () => {
    await rig.send(packed, words(500));
    const before = await rig.read(packed);
    let count = 0;
    await readToEnd(kafka(), await partitionsOf(kafka(), [packed.name]), () => void count++);
    expect(count).toBe(before.length);
    expect(count % 500).toBe(0);
  });

  it('does not wait until a batch is full: the client’s timeout holds for each message of it', async () => {
    const partitions = await partitionsOf(kafka(), [steady.name]);
    const reader = await openRawReader({ kafka: kafka(), partitions, from: 'latest', batch_records_max: 4_000 });
    const producer = await openTransactionalProducer(rig.kafka, `steady-${native}`);
    let writing = true;
    const written = (async () => {
      for (let i = 0; writing; i++) {
        await producer.begin();
        producer.produce(steady.name, 0, `${i}`, Buffer.from('x'));
        await producer.commit();
      }
    })();
    let batch = await reader.poll(1_000);
    while (batch.count === 0) batch = await reader.poll(1_000);
    expect(batch.count).toBeLessThan(400);
    writing = false;
    await written;
    await producer.close();
    await reader.close();
  });

  it('reads on at the log’s start where a position lies before it', async () => {
    await rig.send(cut, words(10));
    const partitions = await partitionsOf(kafka(), [cut.name]);
    const end = await endOfCut();
    await deleteBefore(end - 4);
    const reader = await openRawReader({ kafka: kafka(), partitions, from: { cut: { 0: 1 } }, batch_records_max: 100 });
    expect(reader.positions()).toEqual({ cut: { 0: end - 4 } });
    let count = 0;
    while (!reader.caughtUp()) count += (await reader.poll(1_000)).count;
    // The last offset is the transaction's marker.
    expect(count).toBe(3);
    await reader.close();
  });

  async function endOfCut(): Promise<number> {
    const partitions = [{ topic: cut.name, partition: 0 }];
    const reader = await openRawReader({ kafka: kafka(), partitions, from: 'latest', batch_records_max: 1 });
    await reader.close();
    return reader.positions()[cut.name]?.[0] as number;
  }
});

async function deleteBefore(offset: number): Promise<void> {
  const admin = new Kafka({ brokers: [rig.kafka.brokers] }).admin();
  await admin.connect();
  // kafkajs looks for the leader in what it knows already.
  await admin.fetchTopicOffsets(cut.name);
  await admin.deleteTopicRecords({ topic: cut.name, partitions: [{ partition: 0, offset: String(offset) }] });
  await admin.disconnect();
}
