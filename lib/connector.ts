/** A connector as data: how one kind of source in the outside world becomes typed records. */
import type { z } from 'zod';
import type { Rejection } from './dead-letter.ts';
import type { EncodedDraft } from './draft.ts';
import type { Json } from './json.ts';
import type { Draft } from './lineage.ts';
import type { Logger } from './log.ts';
import type { Store } from './store.ts';
import type { Topic } from './topic.ts';

/** Whose the records of a source are. */
export interface SourceOwner {
  organization_id: string;
  mailbox: string;
  owner_id: string;
  team_id: string;
}

/** A configured instance of a connector. */
export interface SourceDefinition {
  /** Unique in its organisation. */
  source: string;
  connector: string;
  owner: SourceOwner;
  origin: 'live' | 'backfill';
  /** The connector's own configuration, a JSON object. */
  config: string;
  created_at_ms: number;
}

/** A source as its topic has it. */
export interface KnownSource extends SourceDefinition {
  /** When it was last asked for; one that has been read to its end is read again. */
  asked_at_ms: number;
}

/** How far a source has been read; committed with the records it covers. */
export interface SourceState {
  organization_id: string;
  source: string;
  connector: string;
  sequence: number;
  position: string;
  done: boolean;
  error: string | null;
  read_at_ms: number;
  /** Of the askings the one that was met last. */
  asked_at_ms: number;
}

export interface Emitted {
  readonly source: string;
  /** The record's number in its source, from 1. */
  readonly sequence: number;
  /** Settles when the record and its position are durable. */
  readonly committed: Promise<void>;
}

/** A record as it is produced. */
export interface Encoded {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer;
}

export interface Emitter {
  /**
   * Hands a record on, together with the position from which reading would go on after it. Waits while too much is
   * uncommitted. Whatever the record refers to in the content store must be there before. `beside` is another record,
   * made of the number that was handed out, that is committed in the same transaction. `traceparent` is of the span that
   * writes the record, where it is traced.
   */
  emit<T>(
    topic: Topic<T>,
    draft: Draft<T> | EncodedDraft<T>,
    position: Json,
    beside?: (sequence: number) => Encoded,
    traceparent?: string | null,
  ): Promise<Emitted>;
  /** The record cannot be read: it becomes a dead letter with its bytes, and takes a sequence number like any other. */
  reject(
    original: Uint8Array | { sha256: string; size_bytes: number },
    rejection: Rejection,
    position: Json,
  ): Promise<Emitted>;
}

export interface ConnectorContext<C> extends Emitter {
  readonly config: C;
  readonly source: Omit<SourceDefinition, 'config'>;
  /** The committed position, null on the first run. */
  readonly position: Json;
  /** The source had been read to its end, and was asked for again. */
  readonly again: boolean;
  readonly store: Store;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export interface Connector<C = unknown> {
  readonly name: string;
  readonly config: z.ZodType<C>;
  /**
   * Reads until the signal aborts or, for a finite source, to its end. Answers the position of the end, or null to leave
   * the last one. An error ends the source and is recorded.
   */
  run(context: ConnectorContext<C>): Promise<Json>;
}

export function defineConnector<C>(connector: Connector<C>): Connector {
  // The cast forgets the configuration's type: the runtime parses it with the connector's own schema.
  return connector as unknown as Connector;
}
