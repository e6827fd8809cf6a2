/** What a mail's text holds: the writer's own words, their language, what they name, their summary, and what he says of himself below them. */
import type { Email, EmailEnriched } from '../../schemas/generated.ts';
import { entitiesModel, entitiesOf } from '../entities/index.ts';
import { language_version, languageOf } from '../language/index.ts';
import { no_signature, signature_version, signatureOf } from '../signature/index.ts';
import { summary_version, summaryOf } from '../summary/index.ts';
import { segments_version, segmentsOf, wordsOf } from '../text/segments.ts';
import { Tokens } from '../text/tokens.ts';
import type { MailModel } from './model.ts';

export const contentModels: readonly MailModel[] = [
  { name: 'segments', version: segments_version },
  { name: 'language', version: language_version },
  entitiesModel,
  { name: 'summary', version: summary_version },
  { name: 'signature', version: signature_version },
];

export interface MailContent extends Pick<EmailEnriched, 'language' | 'entities' | 'summary' | 'signature'> {
  /** Without quotations, signature and disclaimers; the whole text where nothing would be left. */
  readonly own: string;
  /** Of the whole text, until the next mail's content is read. */
  readonly tokens: Tokens;
}

const tokens = new Tokens();

/** Whose language the models of sentiment know, or that cannot be told and is taken for that. */
export function isKnownLanguage(language: string): boolean {
  return language === '' || language === 'en';
}

/** Reads the text once for all of them. */
export function contentOf({ text, from }: Pick<Email, 'text' | 'from'>): MailContent {
  const segments = segmentsOf(text, from.name);
  const own = wordsOf(text, segments) || text;
  const own_places = segments.filter(({ kind }) => kind === 'own');
  tokens.read(text);
  const language = languageOf(tokens);
  const entities = entitiesOf(tokens, isKnownLanguage(language));
  const signed = wordsOf(text, segments, 'signature');
  return {
    own,
    tokens,
    language,
    entities,
    summary: summaryOf(tokens, { entities, ...(own_places.length > 0 && { own: own_places }) }),
    signature: signed === '' ? { ...no_signature } : signatureOf(signed, from),
  };
}
