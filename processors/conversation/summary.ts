import type { Conversation, Owner, ThreadProgress } from '../../schemas/generated.ts';
import type { ConversationRules } from './rules.ts';

/** What is told of a conversation, but for its mails and which version it is. */
export type Summary = Omit<Conversation, 'conversation_id' | 'email_ids' | 'version' | 'updated_at_ms' | 'lineage'>;

/** In seconds by the clock and by working hours, and against what was promised. */
export function summaryOf(progress: ThreadProgress, rules: ConversationRules): Summary {
  const { asked_at_ms, first_response_at_ms, answered_at_ms, category } = progress;
  const target_minutes = asked_at_ms === null ? null : rules.targetOf(category);
  const first = spanOf(asked_at_ms, first_response_at_ms, rules);
  const whole = spanOf(asked_at_ms, answered_at_ms, rules);
  return {
    owner: progress.answer_owner ?? progress.first_owner ?? nobody,
    subject: progress.subject,
    customer: progress.customer,
    category,
    participants: progress.writers.length,
    mails_in: progress.mails_in,
    mails_out: progress.mails_out,
    mails_internal: progress.mails_internal,
    mails_automatic: progress.mails_automatic,
    first_at_ms: progress.first_at_ms,
    last_at_ms: progress.last_at_ms,
    last_in_at_ms: progress.last_in_at_ms,
    last_out_at_ms: progress.last_out_at_ms,
    waiting: progress.waiting,
    waiting_since_ms: progress.waiting_since_ms,
    waiting_email_id: progress.waiting_email_id,
    asked_at_ms,
    first_response_at_ms,
    first_response_seconds: first.seconds,
    first_response_business_seconds: first.business_seconds,
    sla_target_minutes: target_minutes,
    sla_due_at_ms:
      asked_at_ms === null || target_minutes === null ? null : rules.clock.after(asked_at_ms, target_minutes * 60_000),
    answered_at_ms,
    resolves_at_ms: progress.resolves_at_ms,
    resolution_seconds: whole.seconds,
    resolution_business_seconds: whole.business_seconds,
    reopened: progress.reopened,
    sentiment_score: progress.sentiment_score,
    importance: progress.importance,
  };
}

interface Span {
  readonly seconds: number | null;
  readonly business_seconds: number | null;
}

function spanOf(from_ms: number | null, to_ms: number | null, { clock }: ConversationRules): Span {
  if (from_ms === null || to_ms === null) return { seconds: null, business_seconds: null };
  return { seconds: (to_ms - from_ms) / 1000, business_seconds: clock.between(from_ms, to_ms) / 1000 };
}

const nobody: Owner = { organization_id: '', mailbox: '', owner_id: '', team_id: '' };
