/** A conversation as REST, the feed and the export tell it, and how a record becomes one. */
import { z } from 'zod';
import type { Conversation } from '../schemas/generated.ts';
import { instant, iso, isoOrNull } from './rows.ts';

export const conversationSchema = z
  .object({
    id: z.string(),
    conversation_id: z.string().describe('The Message-ID of the thread’s first mail'),
    organization_id: z.string(),
    mailbox: z.string(),
    owner_id: z.string().describe('Who answered first; until then, whose mailbox got the customer’s first mail'),
    team_id: z.string(),
    subject: z.string(),
    customer: z.string().describe('The first address outside'),
    category: z.string().describe('Of the customer’s first mail'),
    participants: z.int(),
    mails_in: z.int(),
    mails_out: z.int(),
    first_at: instant,
    last_at: instant,
    waiting: z.enum(['us', 'them', 'nobody']).describe('Whose turn it is'),
    waiting_since: instant.nullable().describe('Of the first mail that is not answered'),
    waiting_email_id: z.string(),
    waiting_seconds: z.number().nullable().describe('Until now, by the clock'),
    waiting_business_seconds: z.number().nullable().describe('Until now, by the organisation’s working hours'),
    asked_at: instant.nullable().describe('The customer’s first mail, of a thread that we did not begin'),
    first_response_at: instant.nullable(),
    first_response_seconds: z.number().nullable(),
    first_response_business_seconds: z.number().nullable(),
    sla_target_minutes: z.int().nullable().describe('Working minutes for the first response'),
    sla_due_at: instant.nullable(),
    sla_breached: z.boolean(),
    resolved: z.boolean().describe('Thanked for, or silent for some working days after our answer'),
    resolved_at: instant.nullable().describe('When we answered last'),
    resolves_at: instant.nullable().describe('When it counts as resolved where no further mail comes'),
    resolution_seconds: z.number().nullable(),
    resolution_business_seconds: z.number().nullable(),
    reopened: z.int(),
    sentiment_score: z.number().nullable().describe('Of the customer’s last mail'),
    importance: z.int().min(0).max(100),
    updated_at: instant,
  })
  .meta({ id: 'Conversation' });
export type ConversationRow = Readonly<z.infer<typeof conversationSchema>>;

/** Without what becomes more by itself: as a feed and an export tell it. */
export const toldConversationSchema = conversationSchema.omit({
  waiting_seconds: true,
  waiting_business_seconds: true,
});
type ToldConversation = Readonly<z.infer<typeof toldConversationSchema>>;

/** As it stood at `at_ms`; what ends by itself after that (`resolves_at`, `sla_due_at`) is no record. */
export function conversationRow(conversation: Conversation, at_ms: number): ToldConversation {
  const { conversation_id, owner, resolves_at_ms, sla_due_at_ms, first_response_at_ms, ...rest } = conversation;
  const { subject, customer, category, participants, mails_in, mails_out, reopened, sentiment_score, importance } =
    rest;
  const { first_response_seconds, first_response_business_seconds, sla_target_minutes } = rest;
  const resolved = resolves_at_ms !== null && resolves_at_ms <= at_ms;
  return {
    id: conversation_id,
    conversation_id,
    ...owner,
    ...{ subject, customer, category, participants, mails_in, mails_out },
    first_at: iso(rest.first_at_ms),
    last_at: iso(rest.last_at_ms),
    waiting: resolved ? 'nobody' : rest.waiting,
    waiting_since: resolved ? null : isoOrNull(rest.waiting_since_ms),
    waiting_email_id: resolved ? '' : rest.waiting_email_id,
    asked_at: isoOrNull(rest.asked_at_ms),
    first_response_at: isoOrNull(first_response_at_ms),
    ...{ first_response_seconds, first_response_business_seconds, sla_target_minutes },
    sla_due_at: isoOrNull(sla_due_at_ms),
    sla_breached: sla_due_at_ms !== null && sla_due_at_ms < (first_response_at_ms ?? at_ms),
    resolved,
    resolved_at: resolved ? isoOrNull(rest.answered_at_ms) : null,
    resolves_at: isoOrNull(resolves_at_ms),
    resolution_seconds: resolved ? rest.resolution_seconds : null,
    resolution_business_seconds: resolved ? rest.resolution_business_seconds : null,
    ...{ reopened, sentiment_score, importance },
    updated_at: iso(rest.updated_at_ms),
  };
}
