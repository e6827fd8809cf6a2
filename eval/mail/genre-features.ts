/** What a mail looks like, beside its words: what the shipped models say of it, whom it goes to, how it is laid out and what it is made of. */

import { enrichMail, type MailUnderstanding } from '../../processors/mail/index.ts';
import { forwardedIn, type Segment, type SegmentKind, segmentsOf, wordsOf } from '../../processors/text/segments.ts';
import type { Email } from '../../schemas/generated.ts';
import { categories } from '../../schemas/labels.ts';

const ours = { domains: ['enron.com'], addresses: [] };

/** Room for them. */
export const look_features = 80;

const entity_types = ['person', 'organisation', 'place', 'date', 'money', 'phone', 'email', 'url'];
const segment_kinds: readonly SegmentKind[] = ['quote', 'forward', 'signature', 'disclaimer'];

const wordSet = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Kinds of words that tell what a mail is about: judgements, made with the genres known and without reading a mail of the measured set. */
const vocabularies = [
  "i me my mine i'm i'll i've",
  'we us our ours',
  'you your yours',
  'he she him her his they them',
  'monday tuesday wednesday thursday friday saturday sunday today tomorrow am pm noon morning afternoon week weekend',
  'please could would can let need',
  'thanks thank',
  'love mom dad home dinner kids family baby house fun weekend game beer wife birthday',
  'attached draft comments changes revised version document edits review redline language agreement section paragraph',
  'meeting call schedule conference lunch available room calendar reschedule arrange flight hotel',
  'resume interview position job salary candidate hire hiring career offer promotion vacation employee recruiting opening',
].map(wordSet);

/** Each about −1 to 1. */
export function lookOf(email: Email): number[] {
  const enriched = enrichMail(email, ours);
  const segments = segmentsOf(email.text, email.from.name);
  const own = wordsOf(email.text, segments) || email.text;
  return [...saidOf(enriched), ...headersOf(email), ...layoutOf(email, segments, own), ...contentOf(own, enriched)];
}

function saidOf({ category_scores, asks, sentiment_score, importance, direction }: MailUnderstanding): number[] {
  return [
    ...categories.map(category => Math.max(-1, 1 + Math.log10((category_scores[category] ?? 0) + 1e-3) / 1.5)),
    ...[asks, sentiment_score, importance / 100],
    ...[direction === 'internal', direction === 'inbound'].map(Number),
  ];
}

function headersOf({ subject, to, cc, in_reply_to, attachments }: Email): number[] {
  const recipients = to.length + cc.length;
  const flags = [
    in_reply_to === null && !/^(?:re|fw|fwd):/i.test(subject),
    /^fwd?:/i.test(subject),
    /^re:/i.test(subject),
    subject === '',
    subject.includes('?'),
    subject === subject.toUpperCase(),
    attachments.length > 0,
    recipients === 1,
    cc.length > 0,
    to.every(({ address }) => address.includes('enron')),
  ];
  return [...flags.map(Number), Math.min(1, recipients / 10), magnitude(recipients, 2), magnitude(subject.length, 2)];
}

function layoutOf(email: Email, segments: readonly Segment[], own: string): number[] {
  const { text, quoted_text } = email;
  const forwarded = forwardedIn(email);
  const shares = segment_kinds.map(kind => {
    const chars = segments.reduce((sum, each) => sum + (each.kind === kind ? each.end - each.start : 0), 0);
    return chars / Math.max(1, text.length);
  });
  const flags = [
    quoted_text !== '',
    forwarded !== '',
    /attached|<</i.test(text),
    own.length < 200,
    own.length < 60,
    /^\s*(?:hi|hey|hello|dear)\b/i.test(own),
    /^\s*[A-Z][a-z]+\s?[,:-]/.test(own),
  ];
  return [
    ...shares,
    ...flags.map(Number),
    magnitude(text.length, 4),
    magnitude(own.length, 4),
    magnitude(forwarded.length, 4),
    upTo(own.split('\n').length, 50),
  ];
}

function contentOf(own: string, { entities, signature }: Pick<MailUnderstanding, 'entities' | 'signature'>): number[] {
  const words = own.toLowerCase().match(/[a-z']+/g) ?? [];
  const share = (part: number): number => Math.min(1, (10 * part) / Math.max(1, words.length));
  return [
    ...entity_types.map(type => magnitude(entities.filter(each => each.type === type).length, 2)),
    ...vocabularies.map(known => share(words.filter(word => known.has(word)).length)),
    ...[upTo(occurrences(own, /\?/g), 3), upTo(occurrences(own, /!/g), 3)],
    upTo(occurrences(own, /\d/g), Math.max(20, own.length) / 5),
    Number(Object.values(signature).some(Boolean)),
  ];
}

const occurrences = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;
const upTo = (count: number, most: number): number => Math.min(1, count / most);
const magnitude = (count: number, digits: number): number => Math.min(1, Math.log10(count + 1) / digits);
