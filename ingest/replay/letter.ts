/** A dead letter, and what reading its bytes anew makes of it. */
import type { Rejection } from '../../lib/dead-letter.ts';
import type { EncodedDraft } from '../../lib/draft.ts';
import type { Draft } from '../../lib/lineage.ts';
import type { Topic } from '../../lib/topic.ts';
import type { Owner } from '../../schemas/generated.ts';

/** What is known of a dead letter. */
export interface LetterToReplay {
  readonly dead_letter_id: string;
  readonly owner: Owner;
  readonly stage: string;
  readonly cause: string;
  readonly source: string;
  /** The Kafka topic that its bytes were read from; null for what came from outside. */
  readonly topic: string | null;
  readonly original_sha256: string;
  readonly original_size_bytes: number;
}

/** What it becomes, or why it cannot become anything. */
export type Reread = RereadRecord | { readonly refusal: Rejection };

export interface RereadRecord {
  readonly topic: Topic<unknown>;
  readonly draft: Draft<unknown> | EncodedDraft<unknown>;
  readonly organization_id: string;
  /** Of a record that was in Kafka, its form as JSON, which can be edited. */
  readonly form?: string;
}

export const refused = (cause: string, message: string): { refusal: Rejection } => ({ refusal: { cause, message } });

/** The cast: of which type a letter's record is comes out when it is read. */
export const anyTopic = <T>(topic: Topic<T>): Topic<unknown> => topic as unknown as Topic<unknown>;
