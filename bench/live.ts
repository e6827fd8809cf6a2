/**
 * One feed told to many sockets: Millrace's feed beside uWebSockets.js and ws, which send the very messages that the feed makes,
 * from memory. Each contestant is a process of its own, and so are the subscribers, which count what they get. First all
 * are fed as fast as their sockets take it; then at half the rate that each has just shown, and latencies count
 * from when a record was due.
 */

import { type Fed, now_ms, type Pace } from './live/pace.ts';
import type { Listening, ServerQuestion } from './live/server.ts';
import type { Counted, SubscriberQuestion } from './live/subscribers.ts';
import { type Program, startProgram } from './program.ts';
import { median } from './quantiles.ts';

export interface LiveBenchOptions {
  /** Of each measurement, after the warm-up. */
  readonly seconds: number;
  readonly sockets: number;
  readonly repetitions: number;
  progress(line: string): void;
}

const names = ['millrace', 'uwebsockets', 'ws'] as const;
type Name = (typeof names)[number];
type Peer = Exclude<Name, 'millrace'>;
type Run = Readonly<Record<Name, Figures>>;

interface Figures {
  /** At saturation, all sockets together. */
  readonly messages_per_second: number;
  /** Microseconds of the contestant's processor time a message, at saturation. */
  readonly cpu_us: number;
  /** Milliseconds from when a record was due until a socket had its message, at half of that rate. */
  readonly p50_ms: number;
  readonly p99_ms: number;
}

export interface LiveResult {
  readonly name: 'live';
  /** Messages a second at saturation against uWebSockets.js: medians of each repetition's ratio, as are all ratios. */
  readonly ratio: number;
  readonly ratios: Readonly<Record<Peer, number>>;
  /** Of a peer's processor time a message to ours: it tells more where the subscribers are what cannot keep up. */
  readonly cpu_ratios: Readonly<Record<Peer, number>>;
  readonly sockets: number;
  readonly medians: Readonly<Record<Name, Figures>>;
  readonly runs: readonly Run[];
}

const scripts: Readonly<Record<Name, string>> = {
  millrace: 'live/millrace.js',
  uwebsockets: 'peers/websocket/uwebsockets.js',
  ws: 'peers/websocket/ws.js',
};
const subscribe: Readonly<Record<Name, string | null>> = {
  millrace: JSON.stringify({ op: 'subscribe', id: '1', feed: 'emails' }),
  uwebsockets: null,
  ws: null,
};
const subscriber_processes = 2;
const warm_up_seconds = 1;
/** Until everybody knows when it begins. */
const lead_ms = 100;

export async function benchLive({ seconds, sockets, repetitions, progress }: LiveBenchOptions): Promise<LiveResult> {
  const runs: Run[] = [];
  let first_message = '';
  for (let i = 0; i < repetitions; i++) {
    const run: Partial<Record<Name, Figures>> = {};
    for (const name of i % 2 === 0 ? names : [...names].reverse()) {
      const { figures, told } = await measure(name, { seconds, sockets });
      first_message ||= told;
      if (told !== first_message) throw new Error(`${name} tells something else`);
      run[name] = figures;
      progress(`${name.padEnd(12)} ${lineOf(figures)}`);
    }
    runs.push(run as Run);
  }
  return resultOf(runs, sockets);
}

function resultOf(runs: readonly Run[], sockets: number): LiveResult {
  const medianOf = (of: (run: Run) => number): number => median(runs.map(of));
  const against = (ratio: (ours: Figures, theirs: Figures) => number): Record<Peer, number> => ({
    uwebsockets: medianOf(run => ratio(run.millrace, run.uwebsockets)),
    ws: medianOf(run => ratio(run.millrace, run.ws)),
  });
  const mediansOf = (name: Name): Figures => ({
    messages_per_second: medianOf(run => run[name].messages_per_second),
    cpu_us: medianOf(run => run[name].cpu_us),
    p50_ms: medianOf(run => run[name].p50_ms),
    p99_ms: medianOf(run => run[name].p99_ms),
  });
  const ratios = against((ours, theirs) => ours.messages_per_second / theirs.messages_per_second);
  return {
    name: 'live',
    ratio: ratios.uwebsockets,
    ratios,
    cpu_ratios: against((ours, theirs) => theirs.cpu_us / ours.cpu_us),
    sockets,
    medians: { millrace: mediansOf('millrace'), uwebsockets: mediansOf('uwebsockets'), ws: mediansOf('ws') },
    runs,
  };
}

async function measure(
  name: Name,
  { seconds, sockets }: Pick<LiveBenchOptions, 'seconds' | 'sockets'>,
): Promise<{ figures: Figures; told: string }> {
  const server = startProgram(new URL(scripts[name], import.meta.url));
  const subscribers = Array.from({ length: subscriber_processes }, () =>
    startProgram(new URL('live/subscribers.js', import.meta.url)),
  );
  try {
    const listening = await server.ask<Listening>({ op: 'listen' } satisfies ServerQuestion);
    for (const [i, one] of subscribers.entries()) {
      const share = Math.floor((sockets + i) / subscriber_processes);
      const question = { op: 'connect', sockets: share, subscribe: subscribe[name], ...listening } as const;
      await one.ask(question satisfies SubscriberQuestion);
    }
    const full = await tell(server, subscribers, { seconds, records_per_second: null });
    const messages_per_second = full.messages / seconds;
    const half = await tell(server, subscribers, { seconds, records_per_second: messages_per_second / sockets / 2 });
    const { p50_ms, p99_ms } = half;
    const cpu_us = (full.cpu_ms * 1_000) / (full.records * sockets);
    return { figures: { messages_per_second, cpu_us, p50_ms, p99_ms }, told: full.first_message };
  } finally {
    for (const one of [...subscribers, server]) await one.stop();
  }
}

async function tell(
  server: Program,
  subscribers: readonly Program[],
  { seconds, records_per_second }: Pick<Pace, 'seconds' | 'records_per_second'>,
): Promise<Fed & Counted> {
  const pace: Pace = { begin_ms: now_ms() + lead_ms, seconds: warm_up_seconds + seconds, records_per_second };
  const all = <Answer>(question: SubscriberQuestion): Promise<Answer[]> =>
    Promise.all(subscribers.map(one => one.ask<Answer>(question)));
  await all({ op: 'begin', pace, warm_up_seconds });
  const fed = await server.ask<Fed>({ op: 'feed', pace } satisfies ServerQuestion);
  const counted = await all<Counted>({ op: 'end', records: fed.records });
  return {
    ...fed,
    messages: counted.reduce((sum, { messages }) => sum + messages, 0),
    // Of each process by itself; what they have in common is the slower one's.
    p50_ms: Math.max(...counted.map(({ p50_ms }) => p50_ms)),
    p99_ms: Math.max(...counted.map(({ p99_ms }) => p99_ms)),
    first_message: counted[0]?.first_message ?? '',
  };
}

const lineOf = ({ messages_per_second, cpu_us, p50_ms, p99_ms }: Figures): string =>
  `${Math.round(messages_per_second)} messages/s at ${cpu_us.toFixed(2)} µs; at half of it p50 ${p50_ms}, p99 ${p99_ms} ms`;
