/**
 * Texts that several processes share, in Redis or Valkey. It is loaded where one is named and nowhere else. Nobody may wait
 * longer with it than without, so it is asked only while it is known to answer at once:
 *
 *   up        whoever asks waits a moment at most
 *   resting   an answer was late, or a refusal: nobody asks until a probe of its own is answered in time again
 *   down      no connection, or the late answer has not come at all: connected anew, with growing pauses
 *
 * What it does not hold and what it does not tell in time are the same to whoever asks.
 */
import { createClient } from '@redis/client';
import { messageOf } from './errors.ts';
import { pause, within, withResolvers } from './lifecycle.ts';
import type { Logger } from './log.ts';

export interface RedisConfig {
  /** `redis://` or `rediss://`, with what it takes to sign in. */
  readonly url: string;
  /** PEM text, for `rediss://`; the public authorities unless given. */
  readonly ca?: string | undefined;
}

export interface SharedTexts {
  /** Never rejects. */
  get(key: string): Promise<{ text: string; ttl_ms: number } | null>;
  /** Kept where it can be. */
  put(key: string, text: string, ttl_ms: number): void;
  close(): Promise<void>;
}

export interface SharedTextsOptions {
  readonly redis: RedisConfig;
  readonly log: Logger;
  /** `late` where it did not answer in time, `away` where it was not asked. */
  onLookup(result: 'hit' | 'miss' | 'late' | 'away'): void;
}

/** A network's way there and back many times over, and less than what an answer from ClickHouse takes. */
const answer_ms_max = 20;
const rest_ms_first = 500;
const rest_ms_max = 10_000;
/** Nothing comes any more on a connection on which it has not come for so long. */
const stuck_ms_max = 2_000;
const connect_ms_max = 2_000;
/** A longer text takes longer to fetch than to make. */
const text_chars_max = 256 * 1024;
const puts_at_once_max = 32;

type Client = ReturnType<typeof clientOf>;

interface Connection {
  readonly client: Client;
  resting: boolean;
  /** Ends it. */
  fail(error: Error): void;
}

export function openSharedTexts({ redis, log, onLookup }: SharedTextsOptions): SharedTexts {
  const closed = new AbortController();
  let connection: Connection | null = null;
  let putting = 0;

  async function run(): Promise<void> {
    let pause_ms = rest_ms_first;
    let told = false;
    while (!closed.signal.aborted) {
      const client = clientOf(redis);
      const ended = withResolvers<Error>();
      client.on('error', ended.resolve);
      try {
        await within(connect_ms_max, client.connect());
        connection = { client, resting: false, fail: ended.resolve };
        log.info('the shared cache is there');
        pause_ms = rest_ms_first;
        told = false;
        throw await ended.promise;
      } catch (error) {
        if (!told && !closed.signal.aborted) log.warn({ error: messageOf(error) }, 'the shared cache is away');
        told = true;
      }
      connection = null;
      release(client);
      await pause(pause_ms, closed.signal);
      pause_ms = Math.min(2 * pause_ms, rest_ms_max);
    }
  }

  /** Null where the answer was late, or none. */
  async function inTime<T>(of: Connection, asked: Promise<T>): Promise<{ value: T } | null> {
    const { promise: late, resolve } = withResolvers<null>();
    // What has arrived while the process was busy is read before it is called late.
    const timer = setTimeout(() => setImmediate(resolve, null), answer_ms_max);
    const answer = await Promise.race([asked.then(value => ({ value })).catch(() => null), late]);
    clearTimeout(timer);
    if (answer !== null) return answer;
    // What was refused was answered, too.
    const answered = asked.then(
      () => undefined,
      () => undefined,
    );
    within(stuck_ms_max, answered).catch(of.fail);
    void rest(of);
    return null;
  }

  async function rest(of: Connection): Promise<void> {
    if (of.resting) return;
    of.resting = true;
    for (let rest_ms = rest_ms_first; of === connection; rest_ms = Math.min(2 * rest_ms, rest_ms_max)) {
      await pause(rest_ms, closed.signal);
      if (closed.signal.aborted) return;
      if ((await inTime(of, of.client.ping())) !== null) break;
    }
    of.resting = false;
  }

  const usable = (): Connection | null => (connection === null || connection.resting ? null : connection);
  const running = run();

  return {
    async get(key) {
      const of = usable();
      if (of === null) {
        onLookup('away');
        return null;
      }
      const answer = await inTime(of, Promise.all([of.client.get(key), of.client.pTTL(key)]));
      if (answer === null) {
        onLookup('late');
        return null;
      }
      const [text, ttl_ms] = answer.value;
      const found = text !== null && ttl_ms > 0;
      onLookup(found ? 'hit' : 'miss');
      return found ? { text, ttl_ms } : null;
    },
    put(key, text, ttl_ms) {
      const of = usable();
      if (of === null || text.length > text_chars_max || putting >= puts_at_once_max) return;
      putting++;
      const asked = of.client.set(key, text, { expiration: { type: 'PX', value: Math.ceil(ttl_ms) } });
      void inTime(of, asked).finally(() => putting--);
    },
    async close() {
      closed.abort();
      connection?.fail(new Error('closed'));
      await running;
    },
  };
}

/** For one connection: it is not made again by itself, so that nothing waits for that in a queue. */
const clientOf = ({ url, ca }: RedisConfig) =>
  createClient({
    url,
    disableOfflineQueue: true,
    disableClientInfo: true,
    socket: {
      connectTimeout: connect_ms_max,
      reconnectStrategy: false,
      ...(ca === undefined ? {} : { tls: true, ca }),
    },
  });

function release(client: Client): void {
  try {
    client.destroy();
  } catch {
    // It had ended by itself.
  }
}
