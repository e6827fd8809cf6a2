/** What is told: enriched mails as their topic carries them, and the messages that the feed makes of them. */
import { serdeOf } from '../../lib/registry.ts';
import { encodeCursor } from '../../query-api/live/cursor.ts';
import { feeds } from '../../query-api/live/feeds.ts';
import { recordMessage } from '../../query-api/live/protocol.ts';
import type { EmailEnriched } from '../../schemas/generated.ts';
import { unsaid } from '../../schemas/signals.ts';
import { topics } from '../../schemas/topics.ts';
import { createRandom } from '../random.ts';
import { paragraphs, subjects } from '../texts.ts';

export const topic = topics.emailEnriched;
export const subscription_id = '1';
/** Different ones; afterwards they come again. */
export const records_in_all = 1_024;
/** Large enough that cursors stay as long as they are. */
export const first_offset = 1_000_000_000;
export const at_ms = Date.UTC(2026, 0, 1);

/** One schema, which nobody has to be asked for. */
export const serde = serdeOf({ idOf: () => 1, schemaOf: async () => null }, topic);

const random = createRandom(1);

export const mails: readonly EmailEnriched[] = Array.from({ length: records_in_all }, (_, i) => ({
  email: {
    email_id: random.hex(32),
    owner: { organization_id: 'bench', mailbox: 'office@company.example', owner_id: 'u1', team_id: 't1' },
    message_id: `<${i}@client.example>`,
    thread_id: `<${i}@client.example>`,
    in_reply_to: null,
    references: [],
    from: { name: `Person ${i}`, address: `person${i}@client.example` },
    reply_to: [],
    to: [{ name: 'Office', address: 'office@company.example' }],
    cc: [],
    sent_at_ms: at_ms,
    received_at_ms: at_ms,
    subject: random.pick(subjects),
    text: random.several(paragraphs, 2, 6).join('\n\n'),
    quoted_text: '',
    text_truncated: false,
    headers: {},
    attachments: [],
    original_sha256: random.hex(64),
    original_size_bytes: 4_000,
    signals: unsaid,
  },
  direction: 'inbound',
  sentiment: 'neutral',
  sentiment_score: Math.round(random.unit() * 1_000) / 1_000,
  category: 'support',
  category_scores: { support: 0.7, sales: 0.2, other: 0.1 },
  importance: random.int(0, 100),
  importance_reasons: [],
  sentiment_confidence: 1,
  asks: 0,
  spam: 0,
  language: 'en',
  automatic: '',
  unsubscribes: false,
  summary: '',
  entities: [],
  signature: { name: '', title: '', phone: '', company: '' },
  models: { sentiment: '1', category: '1', importance: '1' },
  lineage: { source: 'bench', sequence: i + 1, origin: 'live', ingested_at_ms: at_ms, hops: [], traceparent: null },
}));

/** What a subscriber of the feed is sent for each of them. */
export function messages(): Buffer[] {
  return mails.map((mail, i) => {
    const cursor = encodeCursor(topic.name, { 0: first_offset + i + 1 });
    const row = feeds.emails.told(mail, at_ms).json(true);
    return Buffer.from(recordMessage(JSON.stringify(subscription_id), cursor, row));
  });
}
