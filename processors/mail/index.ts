import type { Email, EmailEnriched } from '../../schemas/generated.ts';
import { categoryModel, categoryOf } from './category.ts';
import { directionOf, type OwnAddresses } from './direction.ts';
import { importanceModel, importanceOf } from './importance.ts';
import type { MailModel } from './model.ts';
import { sentimentModel, sentimentOfMail } from './sentiment.ts';
import { signalsOf } from './words.ts';

export type { OwnAddresses } from './direction.ts';
export { interactionOf, interactionOfCrm, interactionOfEvent } from './interaction.ts';
export type { MailModel } from './model.ts';

/** What the enrichment says about a mail. */
export type MailUnderstanding = Omit<EmailEnriched, 'email' | 'lineage'>;

/** What it says about a text that is no mail, so has no direction. */
export type TextUnderstanding = Omit<MailUnderstanding, 'direction'>;

/** Every model that has a say, as recorded with each mail. */
export const mailModels: readonly MailModel[] = [sentimentModel, categoryModel, importanceModel];

const models: Readonly<Record<string, string>> = Object.fromEntries(
  mailModels.map(({ name, version }) => [name, version]),
);

/** Understands one mail. Pure: the same mail, models and own addresses give the same answer. */
export function enrichMail(email: Email, ours: OwnAddresses): MailUnderstanding {
  return { direction: directionOf(email, ours), ...understand(email) };
}

/** Understands a bare text as if it were a mail's own words. */
export function enrichText(text: string): TextUnderstanding {
  return understand({ ...blank, text });
}

function understand(email: Email): TextUnderstanding {
  const sentiment = sentimentOfMail(email);
  const signals = { subject: signalsOf(email.subject), body: signalsOf(email.text) };
  const { category, scores } = categoryOf(email, signals);
  const importance = importanceOf(email, {
    signals,
    sentiment_score: sentiment.score,
    category,
    category_probability: scores[category],
  });
  return {
    sentiment: sentiment.label,
    sentiment_score: sentiment.score,
    sentiment_confidence: sentiment.confidence,
    asks: 0,
    spam: scores.spam,
    language: '',
    automatic: '',
    unsubscribes: false,
    summary: '',
    entities: [],
    signature: { name: '', title: '', phone: '', company: '' },
    category,
    category_scores: scores,
    importance: importance.score,
    importance_reasons: importance.reasons,
    models: { ...models },
  };
}

const blank: Email = {
  email_id: '',
  owner: { organization_id: '', mailbox: '', owner_id: '', team_id: '' },
  message_id: null,
  thread_id: '',
  in_reply_to: null,
  references: [],
  from: { name: '', address: '' },
  reply_to: [],
  to: [],
  cc: [],
  sent_at_ms: null,
  received_at_ms: 0,
  subject: '',
  text: '',
  quoted_text: '',
  text_truncated: false,
  headers: {},
  attachments: [],
  original_sha256: '',
  original_size_bytes: 0,
};
