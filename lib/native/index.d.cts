/** Each handle is good until it is closed, and must be closed before its client is disconnected. */
declare const consumer: unique symbol;
declare const producer: unique symbol;
export interface ConsumerHandle {
  readonly [consumer]: true;
}
export interface ProducerHandle {
  readonly [producer]: true;
}

/** `client` is node-rdkafka's own object, connected. `topics` are what entries of the index name. */
export function openConsumer(client: object, topics: readonly string[]): ConsumerHandle;
/** Settles when the arrays are filled (slab.ts says how), at the latest after `wait_ms`. One at a time. */
export function poll(
  handle: ConsumerHandle,
  slab: Uint8Array,
  index: Int32Array,
  offsets: Float64Array,
  wait_ms: number,
): Promise<number>;
/** Forgets what was consumed and found no room. */
export function discard(handle: ConsumerHandle): void;
export function closeConsumer(handle: ConsumerHandle): void;

export function openProducer(client: object): ProducerHandle;
/** From now on an entry's topic can be this one; they count from 0 in the order of the calls. */
export function addTopic(handle: ProducerHandle, name: string): void;
/** Hands over the records [from, to), copied; returns the first that found the client's buffer full, or `to`. */
export function produce(handle: ProducerHandle, slab: Uint8Array, index: Int32Array, from: number, to: number): number;
export function closeProducer(handle: ProducerHandle): void;
