/** Where a subscription stands: the next offset of each partition of its feed's topic. */
import { z } from 'zod';
import { decodeOpaque, encodeOpaque } from '../opaque.ts';

/** Partition to next offset. */
export type Offsets = Readonly<Record<number, number>>;

const partitions_max = 1_000;

const cursor = z.strictObject({
  t: z.string(),
  o: z
    .record(z.string().regex(/^\d{1,4}$/), z.int().min(0))
    .refine(offsets => Object.keys(offsets).length <= partitions_max),
});

export function encodeCursor(topic: string, offsets: Offsets): string {
  return encodeOpaque({ t: topic, o: offsets });
}

/** Null for what is no cursor, or one of another topic. */
export function decodeCursor(topic: string, text: string): Offsets | null {
  const decoded = decodeOpaque(cursor, text);
  return decoded === null || decoded.t !== topic ? null : { ...decoded.o };
}

/** Whether `a` stands nowhere beyond `b`. A partition that one does not name stands at its start. */
export function isAtMost(a: Offsets, b: Offsets): boolean {
  return Object.entries(a).every(([partition, offset]) => offset <= (b[Number(partition)] ?? 0));
}
