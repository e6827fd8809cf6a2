/** The next offset of each partition, by numbers alone: it is set for every record. */
import type { Position, TopicPartition } from './kafka.ts';

export class Offsets {
  readonly #topics: readonly string[];
  #byTopic: number[][];

  constructor(topics: readonly string[]) {
    this.#topics = topics;
    this.#byTopic = topics.map(() => []);
  }

  get size(): number {
    return this.positions().length;
  }

  set(topic_at: number, partition: number, offset: number): void {
    (this.#byTopic[topic_at] as number[])[partition] = offset;
  }

  setAt({ topic, partition, offset }: Position): void {
    this.set(this.#topics.indexOf(topic), partition, offset);
  }

  of({ topic, partition }: TopicPartition): number | undefined {
    return this.#byTopic[this.#topics.indexOf(topic)]?.[partition];
  }

  take(others: Offsets): void {
    for (const position of others.positions()) this.setAt(position);
  }

  clear(): void {
    this.#byTopic = this.#topics.map(() => []);
  }

  positions(): Position[] {
    return this.#byTopic.flatMap((offsets, at) =>
      // Without the holes: partitions that are not ours.
      Object.keys(offsets).map(partition => ({
        topic: this.#topics[at] as string,
        partition: Number(partition),
        offset: offsets[Number(partition)] as number,
      })),
    );
  }
}
