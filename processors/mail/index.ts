import type { Email, EmailEnriched } from '../../schemas/generated.ts';
import { categoryModel, categoryOf } from './category.ts';
import { contentModels, contentOf, isKnownLanguage } from './content.ts';
import { directionOf, type OwnAddresses } from './direction.ts';
import { importanceModel, importanceOf } from './importance.ts';
import type { MailModel } from './model.ts';
import { sentimentModel, sentimentOf } from './sentiment.ts';
import { signalsOf } from './words.ts';

export type { OwnAddresses } from './direction.ts';
export { interactionOf, interactionOfCrm, interactionOfEvent } from './interaction.ts';
export type { MailModel } from './model.ts';

/** What the enrichment says about a mail. */
export type MailUnderstanding = Omit<EmailEnriched, 'email' | 'lineage'>;

/** What it says about a text that is no mail, so has no direction. */
export type TextUnderstanding = Omit<MailUnderstanding, 'direction'>;

/** Every model that has a say, as recorded with each mail. */
export const mailModels: readonly MailModel[] = [sentimentModel, categoryModel, importanceModel, ...contentModels];

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

function understand(given: Email): TextUnderstanding {
  const { own, ...content } = contentOf(given);
  const email = { ...given, text: own };
  const sentiment = isKnownLanguage(content.language) ? sentimentOf(ownWords(email)) : unscored;
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
    sentiment_confidence: 0,
    asks: 0,
    spam: scores.spam,
    automatic: '',
    unsubscribes: false,
    ...content,
    category,
    category_scores: scores,
    importance: importance.score,
    importance_reasons: importance.reasons,
    models: { ...models },
  };
}

/** In a language that the model does not know. */
const unscored = { label: 'unscored', score: 0 } as const;

/** A reply's subject is another writer's, who may have been in another mood. */
function ownWords({ in_reply_to, subject, text }: Email): string {
  return in_reply_to === null ? `${subject}\n\n${text}` : text;
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
