/** For tests of the feeds: a topic in memory, and tokens that are checked at once. */
import { pino } from 'pino';
import type { Positions } from '../../lib/kafka.ts';
import type { Verifier } from '../auth/identity.ts';
import type { Role } from '../auth/roles.ts';
import { everything } from '../permission/sight.ts';
import { feeds } from './feeds.ts';
import type { FeedReader, FeedRecord } from './hub.ts';

export const log = pino({ level: 'silent' });
/** Says at once what real tokens say later; timers are faked here, and cryptography has none. */
export const tokens: Verifier & { sign(subject: string, role: Role, lifetime_s?: number): Promise<string> } = {
  sign: async (_, role, lifetime_s = 1_800) => `${role}.${Date.now() + lifetime_s * 1_000}`,
  async verify(token) {
    const [role, expires] = token.split('.');
    if (expires === undefined) return { refusal: 'the token is not valid' };
    return {
      identity: {
        ...{ subject: 'ada', role: role as Role, scopes: null, session_id: null, sight: everything },
        expires_ms: Number(expires),
        isCurrent: () => true,
      },
    };
  },
};
export const { topic } = feeds.duplicates;

/** A log of one partition in memory, and the readers that are open on it. */
export class TestTopic {
  readonly records: FeedRecord[] = [];
  low = 0;
  high = 0;
  open = 0;
  failing = false;

  produce(kind: string): void {
    const lineage = { source: 's', sequence: this.high };
    const value = { record_id: `r${this.high}`, owner: { organization_id: 'o' }, kind, seen_at_ms: 0, lineage };
    const record = { topic, partition: 0, timestamp_ms: 0, tombstone: false, size_bytes: 100, read: () => value };
    this.records.push({ ...record, offset: this.high++ });
  }

  /** What a transaction leaves behind: an offset without a record. */
  mark(): void {
    this.high++;
  }

  expire(low: number): void {
    this.low = low;
    while (this.records[0] !== undefined && this.records[0].offset < low) this.records.shift();
  }

  async reader(topics: readonly string[], from: 'earliest' | 'latest' | Positions): Promise<FeedReader> {
    const asked = from === 'latest' ? this.high : from === 'earliest' ? this.low : (from[topic]?.[0] ?? 0);
    let next = Math.max(asked, this.low);
    this.open++;
    return {
      next: async (wait_ms: number) => {
        if (this.failing) throw new Error('broker away');
        if (next >= this.high) await new Promise(done => setTimeout(done, wait_ms));
        const found = this.records.filter(record => record.offset >= next).slice(0, 50);
        next = found.length === 50 ? (found.at(-1)?.offset ?? 0) + 1 : this.high;
        return found;
      },
      positions() {
        const positions: Positions = {};
        for (const name of topics) positions[name] = name === topic ? { 0: next } : {};
        return positions;
      },
      close: async () => void this.open--,
    };
  }
}
