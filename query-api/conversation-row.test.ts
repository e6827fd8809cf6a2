import { expect, it } from 'vitest';
import type { Conversation } from '../schemas/generated.ts';
import { conversationRow, toldConversationSchema } from './conversation-row.ts';

const owner = { organization_id: 'o', mailbox: 'm@x.com', owner_id: 'u', team_id: 't' };

it('a row is the conversation as it stands at the time of its record', () => {
  const conversation: Conversation = {
    ...{ conversation_id: '<c>', owner, subject: 'S', customer: 'a@x.com', category: 'support', participants: 2 },
    ...{ mails_in: 1, mails_out: 1, mails_internal: 0, mails_automatic: 0, reopened: 0, importance: 5, version: 1 },
    ...{ first_at_ms: 0, last_at_ms: 1_000, last_in_at_ms: 0, last_out_at_ms: 1_000, sentiment_score: null },
    ...{
      waiting: 'them',
      waiting_since_ms: 1_000,
      waiting_email_id: 'e',
      asked_at_ms: 0,
      first_response_at_ms: 1_000,
    },
    ...{ first_response_seconds: 1, first_response_business_seconds: 0, sla_target_minutes: 60, sla_due_at_ms: 900 },
    ...{ answered_at_ms: 1_000, resolves_at_ms: 5_000, resolution_seconds: 1, resolution_business_seconds: 0 },
    ...{
      email_ids: ['e'],
      updated_at_ms: 2_000,
      lineage: { source: 's', sequence: 1, origin: 'live', ingested_at_ms: 0, hops: [], traceparent: null },
    },
  };
  const row = conversationRow(conversation, 2_000);
  expect(toldConversationSchema.strict().parse(row)).toEqual(row);
  expect(row).toMatchObject({
    ...{ id: '<c>', mailbox: 'm@x.com', waiting: 'them', waiting_since: '1970-01-01T00:00:01.000Z', resolved: false },
    ...{ resolved_at: null, resolution_seconds: null, resolves_at: '1970-01-01T00:00:05.000Z', sla_breached: true },
  });
  expect(conversationRow(conversation, 5_000)).toMatchObject({
    ...{ waiting: 'nobody', waiting_since: null, waiting_email_id: '', resolved: true },
    ...{ resolved_at: '1970-01-01T00:00:01.000Z', resolution_seconds: 1 },
  });
  const unanswered = { ...conversation, first_response_at_ms: null };
  const breached = (at_ms: number): boolean => conversationRow(unanswered, at_ms).sla_breached;
  expect([breached(900), breached(901)]).toEqual([false, true]);
});
