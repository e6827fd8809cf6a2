import type { Consulted, Email, EmailEnriched } from '../../schemas/generated.ts';
import { unsaid } from '../../schemas/signals.ts';
import { categoryFrom, sentimentFrom, summaryFrom, versionsWith } from '../bigger/opinions.ts';
import type { Corrections } from '../learning/corrections.ts';
import { aboutOf } from '../text/segments.ts';
import { asksModel, asksOf } from './asks.ts';
import { automaticOf, unsubscribes } from './automatic.ts';
import { categoryModel, categoryOf } from './category.ts';
import { contentModels, contentOf, isKnownLanguage } from './content.ts';
import { directionOf, type Organisation } from './direction.ts';
import { type ImportanceFeature, importanceFeatures, importanceModel } from './importance.ts';
import { Learner, type Said } from './learner.ts';
import type { MailModel } from './model.ts';
import type { OwnCategories } from './own-categories.ts';
import { readMail } from './reading.ts';
import { sentimentModel, sentimentOf, sentimentOfMail, unscored } from './sentiment.ts';
import { spamModel, spamOf } from './spam.ts';

export type { Organisation, OwnAddresses } from './direction.ts';
export { interactionOf, interactionOfCrm, interactionOfEvent } from './interaction.ts';
export type { MailModel } from './model.ts';
export { OwnCategories } from './own-categories.ts';

/** What the enrichment says about a mail. */
export type MailUnderstanding = Omit<EmailEnriched, 'email' | 'lineage'>;

/** What it says about a text that is no mail, so has no direction. */
export type TextUnderstanding = Omit<MailUnderstanding, 'direction'>;

/** Every model that has a say, as recorded with each mail. */
export const mailModels: readonly MailModel[] = [
  sentimentModel,
  categoryModel,
  spamModel,
  asksModel,
  importanceModel,
  ...contentModels,
];

let versions: Readonly<Record<string, string>> | null = null;

/** Of the models as they are loaded, once. */
function modelVersions(): Readonly<Record<string, string>> {
  versions ??= Object.fromEntries(mailModels.map(({ name, version }) => [name, version]));
  return versions;
}

/** Who has a say beside the shipped models. */
export interface Beside {
  /** What was learnt from users. */
  readonly corrections?: Corrections | null;
  /** What bigger models answered: where one has, it has the say, in what follows from it too. */
  readonly consulted?: Consulted | null;
}

/** Understands one mail. Pure: the same mail, models, organisation and what is beside them give the same answer. */
export function enrichMail(email: Email, ours: Organisation, beside: Beside = {}): MailUnderstanding {
  return { direction: directionOf(email, ours), ...understand(email, ours.categories, beside).found };
}

/** Understands a bare text as if it were a mail's own words; its tone is that of the whole, as of a message or a review. */
export function enrichText(text: string): TextUnderstanding {
  return understand({ ...blank, text }, undefined, {}, () => sentimentOf(text)).found;
}

/** What the shipped models say of a mail, to be held against what its reader says; and by what importance goes. */
export function shippedSays(email: Email): { said: Said; importance_features: readonly ImportanceFeature[] } {
  const { said, importance_features } = understand(email);
  return { said, importance_features };
}

function understand(
  given: Email,
  own?: OwnCategories,
  { corrections = null, consulted = null }: Beside = {},
  toneOf = sentimentOfMail,
) {
  const { own: own_words, tokens, ...content } = contentOf(given);
  const learner = new Learner(given, corrections, modelVersions());
  // What kind of mail it is shows in all of it, a list's footer too; what its writer wants and feels in his own words.
  const whole = readMail(given, tokens);
  const spam = learner.probability('spam', spamOf(given, whole));
  const automatic = automaticOf(given, whole);
  const leaves = unsubscribes(whole, automatic);
  // Each reading overwrites the one before.
  const words_about = aboutOf(given);
  const about = words_about === given.text ? whole : readMail({ ...given, text: words_about });
  const { category, scores } = categoryFrom(consulted) ?? learner.category(categoryOf(given, about, spam, own));
  const email = { ...given, text: own_words };
  const reading = own_words === given.text && about === whole ? whole : readMail(email);
  const tone = isKnownLanguage(content.language) ? toneOf(email, reading) : unscored;
  const sentiment = sentimentFrom(consulted) ?? learner.sentiment(tone);
  const asking = asksOf(reading);
  const asks = { ...asking, probability: learner.probability('asks', asking.probability) };
  const importance_features = importanceFeatures(email, {
    reading,
    asks,
    automatic,
    sentiment_score: sentiment.score,
    category,
    category_probability: scores[category] ?? 0,
  });
  const importance = learner.importance(importance_features);
  const found: TextUnderstanding = {
    sentiment: sentiment.label,
    sentiment_score: sentiment.score,
    sentiment_confidence: sentiment.confidence,
    asks: asks.probability,
    spam,
    automatic,
    unsubscribes: leaves,
    ...content,
    summary: summaryFrom(consulted) ?? content.summary,
    category,
    category_scores: scores,
    importance: importance.score,
    importance_reasons: importance.reasons,
    models: versionsWith(consulted, learner.versions),
  };
  return { found, said: learner.said, importance_features };
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
  signals: unsaid,
};
