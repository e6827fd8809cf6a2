/** What consumers, producers and readers share: configuration, and calls with an end. */
import { rootCertificates } from 'node:tls';
import rdkafka from 'node-rdkafka';
import { MillraceError, messageOf } from './errors.ts';
import { pause, withResolvers } from './lifecycle.ts';

export interface KafkaConfig {
  /** `host:port`, comma-separated. */
  readonly brokers: string;
  readonly replication_factor: number;
  /** Of the topics that have many, when the first of them is created; default 4. */
  readonly partitions?: number | undefined;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  readonly tls?: KafkaTls | undefined;
  /** How long a member of a group may be silent before its partitions go to others; default 30 s, the broker's least is 6. */
  readonly session_timeout_ms?: number | undefined;
  /** Whether records cross the native border in batches (default true; kafka-border.ts). */
  readonly native?: boolean | undefined;
}

/** All in PEM text. */
export interface KafkaTls {
  readonly enabled: boolean;
  /** The authority that signed the brokers' certificates; the public ones where none is named. */
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly key_password?: string | undefined;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}
export interface Position extends TopicPartition {
  /** The next offset to read. */
  readonly offset: number;
}

export const sessionTimeout = ({ session_timeout_ms }: KafkaConfig): number => session_timeout_ms ?? 30_000;

// Every call to the broker has an end; a commit that has none blocks its group for good.
export const call_ms_max = 30_000;
const prefetch_kilobytes = 16_384;
const message_bytes_max = 2_097_152;

export function clientSettings(kafka: KafkaConfig): Record<string, string | number | boolean> {
  return {
    'metadata.broker.list': kafka.brokers,
    'client.id': 'millrace',
    'message.max.bytes': message_bytes_max,
    ...(kafka.tls?.enabled ? tlsSettings(kafka.tls) : {}),
    'security.protocol': `${kafka.sasl ? 'sasl_' : ''}${kafka.tls?.enabled ? 'ssl' : 'plaintext'}`,
    ...(kafka.sasl
      ? {
          'sasl.mechanisms': kafka.sasl.mechanism.toUpperCase(),
          'sasl.username': kafka.sasl.username,
          'sasl.password': kafka.sasl.password,
        }
      : {}),
  };
}

/** librdkafka compares the certificate with the broker's host name by itself. */
function tlsSettings({ ca, certificate, key, key_password }: KafkaTls): Record<string, string> {
  return {
    // Node's own list of the public authorities: librdkafka would look in places that differ between systems.
    'ssl.ca.pem': ca ?? rootCertificates.join('\n'),
    ...(certificate === undefined ? {} : { 'ssl.certificate.pem': certificate }),
    ...(key === undefined ? {} : { 'ssl.key.pem': key }),
    ...(key_password === undefined ? {} : { 'ssl.key.password': key_password }),
  };
}

export function consumerSettings(kafka: KafkaConfig): Record<string, string | number | boolean> {
  return {
    ...clientSettings(kafka),
    'enable.auto.commit': false,
    'enable.auto.offset.store': false,
    'isolation.level': 'read_committed',
    'enable.partition.eof': true,
    // The default would hold 64 MB a client, and a process has several.
    'queued.max.messages.kbytes': prefetch_kilobytes,
    // A partition whose queue is full is not asked again for so long; the default of a second starves whoever reads fast.
    'fetch.queue.backoff.ms': 5,
    // An answer that nothing came tells that an end was reached, which whoever reads up to it waits for.
    'fetch.wait.max.ms': 50,
  };
}

type Done<T> = (error: rdkafka.LibrdKafkaError | null | undefined, value?: T) => void;

export function call<T>(what: string, start: (done: Done<T>) => void): Promise<T> {
  const { promise, resolve, reject } = withResolvers<T>();
  start((error, value) => (error ? reject(kafkaError(what, error)) : resolve(value as T)));
  return promise;
}

export function kafkaError(what: string, error: rdkafka.LibrdKafkaError): MillraceError {
  const fatal = (error as { isFatal?: boolean }).isFatal === true;
  return new MillraceError('kafka', `${what}: ${messageOf(error)}`, { retryable: !fatal, cause: error });
}

/** Whether a producer has found that another one of its transactional id is there. */
export const isFenced = (error: unknown): boolean => fenced_codes.includes(codeOf(error) ?? 0);

/**
 * Whether a transaction has failed and is to be aborted, the producer itself being sound. A commit can come to this by a broker
 * that is just fencing the producer and fails over it (Kafka 4: "Preparing transaction state transition … while it already a
 * pending state PREPARE_EPOCH_FENCE").
 */
export const isAbortable = (error: unknown): boolean =>
  ((error as Error).cause as { isTxnRequiresAbort?: boolean } | undefined)?.isTxnRequiresAbort === true;

/** Whether a member of a group has found that another one of its name is there. */
export const hasNamesake = (error: unknown): boolean =>
  // The native border and a fatal error tell librdkafka's text alone.
  codeOf(error) === ERR_FENCED_INSTANCE_ID || messageOf(error).includes('group.instance.id');

const codeOf = (error: unknown): number | undefined =>
  ((error as Error).cause as rdkafka.LibrdKafkaError | undefined)?.code;
const { ERR__FENCED, ERR_PRODUCER_FENCED, ERR_INVALID_PRODUCER_EPOCH, ERR_FENCED_INSTANCE_ID } = rdkafka.CODES.ERRORS;
const fenced_codes: readonly number[] = [ERR__FENCED, ERR_PRODUCER_FENCED, ERR_INVALID_PRODUCER_EPOCH];

/**
 * A refused password or certificate ends it at once: librdkafka would go on trying and say in the end only that no broker
 * answered. A broker that is away is awaited for `call_ms_max`.
 */
export async function connect<C extends rdkafka.Client<string>>(client: C, kafka: KafkaConfig): Promise<C> {
  const { promise: refused, reject } = withResolvers<never>();
  refused.catch(() => undefined);
  let reason = '';
  const events = client as unknown as NodeJS.EventEmitter;
  const onLog = ({ fac, message }: { fac: string; message: string }): void => {
    if (fac === 'FAIL') reason = message.replace(/^\[thrd:[^\]]*\]: /, '');
  };
  // An event has no code, only librdkafka's name of one; the log line before it says what is wrong.
  const onError = ({ message }: Error): void => {
    if (/^(ssl error|authentication failure)$/.test(message)) reject(new Error(message));
  };
  events.on('event.log', onLog);
  events.on('event.error', onError);
  const connected = new AbortController();
  const polling = pollEvents(client, connected.signal);
  try {
    await Promise.race([attempt(client), refused]);
  } catch (error) {
    throw unreachable(kafka, reason === '' ? error : new Error(reason, { cause: error }));
  } finally {
    connected.abort();
    await polling;
    events.removeListener('event.log', onLog);
    events.removeListener('event.error', onError);
  }
  return client;
}

/** An attempt blocks a thread that the process's end waits for, so several short ones stand for a long one. */
async function attempt(client: rdkafka.Client<string>): Promise<void> {
  for (let left = connect_attempts_max; ; ) {
    try {
      await call('connect', done => client.connect({ timeout: call_ms_max / connect_attempts_max }, done as never));
      return;
    } catch (error) {
      if (--left === 0) throw error;
    }
  }
}

const connect_attempts_max = 3;
const connecting_poll_ms = 100;

/** A client's errors arrive with its polls, and nothing else polls one that is not connected yet. */
async function pollEvents(client: rdkafka.Client<string>, connected: AbortSignal): Promise<void> {
  while (!connected.aborted) {
    await pause(connecting_poll_ms, connected);
    if (connected.aborted || !client.isConnected()) continue;
    if (client instanceof rdkafka.Producer) client.poll();
    if (client instanceof rdkafka.KafkaConsumer) {
      client.setDefaultConsumeTimeout(1);
      // Awaited, and before anything is assigned: it can take no record away.
      await consume(client, 1).catch(() => undefined);
    }
  }
}

export function unreachable(kafka: KafkaConfig, error: unknown): MillraceError {
  return new MillraceError('kafka', `no Kafka broker answers at ${kafka.brokers}: ${messageOf(error)}`, {
    retryable: true,
    remedy: 'check KAFKA_BROKERS, and that the broker is up and lets this user in',
    cause: error,
  });
}

export const disconnect = (client: rdkafka.Client<string>): Promise<unknown> =>
  call('disconnect', done => client.disconnect(done as never)).catch(() => undefined);

/**
 * librdkafka's consume timeout holds *per message*: a large batch with a long timeout waits, under steady traffic, until
 * it is full. So one record is awaited for long, and what lies behind it is taken with next to none.
 */
export async function adaptivePoll(
  consumer: rdkafka.KafkaConsumer,
  count_max: number,
  wait_ms: number,
): Promise<rdkafka.Message[]> {
  consumer.setDefaultConsumeTimeout(Math.max(1, wait_ms));
  const first = await consume(consumer, 1);
  if (first.length === 0 || count_max <= 1) return first;
  consumer.setDefaultConsumeTimeout(1);
  const rest = await consume(consumer, count_max - 1);
  return rest.length === 0 ? first : first.concat(rest);
}

function consume(consumer: rdkafka.KafkaConsumer, count: number): Promise<rdkafka.Message[]> {
  return call('consume', done => consumer.consume(count, done as never));
}
