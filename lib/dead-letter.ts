/** A record that a stage could not process, on its way to the dead letters. */
import type { Lineage } from './lineage.ts';

export interface Rejection {
  /** A stable code, what the workbench groups by. */
  readonly cause: string;
  readonly message: string;
}

export interface RejectedRecord extends Rejection {
  readonly stage: string;
  /** The record's bytes as they came, or what the content store already holds. */
  readonly original: Uint8Array | { readonly sha256: string; readonly size_bytes: number };
  /** The record as far as it could be read, for its owner. */
  readonly record: unknown;
  readonly lineage: Lineage | null;
  /** Where in Kafka it was read, and the key it had there; null for what comes from outside. */
  readonly position: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly key: string;
  } | null;
  readonly failed_at_ms: number;
}

/** A dead letter as it is produced. */
export interface Letter {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Keeps the bytes and answers the dead letter, ready to be produced in the transaction of its neighbours. */
export type DeadLetterOffice = (rejected: RejectedRecord) => Promise<Letter>;
