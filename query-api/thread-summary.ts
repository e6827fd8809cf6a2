/**
 * What is said in a thread: the most telling sentences of its mails' own summaries, each with who wrote it in which mail. It is
 * made for each caller of what he may read, since the mails of a thread may be of several mailboxes; nothing of it is stored.
 */
import { z } from 'zod';
import { mostTelling, type Sentence } from '../lib/sum-basic.ts';
import { instant } from './rows.ts';
import { termsOf } from './themes/words.ts';

export const sayingSchema = z
  .object({
    email_id: z.string(),
    sender: z.string(),
    sender_name: z.string(),
    received_at: instant,
    text: z.string().describe('One sentence, or several of the same mail'),
  })
  .meta({ id: 'Saying' });
type Saying = Readonly<z.infer<typeof sayingSchema>>;

/** A mail with its summary, which is empty where its words are withheld. */
type SummarisedMail = Omit<Saying, 'text'> & { readonly summary: string };

const mails_max = 50;
/** As summaries are told (processors/summary); one that a bigger model made may be longer. */
const summary_chars_max = 1_000;
const sentences_max = 5;
export const chars_max = 800;
/** How the thread began and where it stands weigh more than what lies between. */
const ends_merit = 0.5;
const first_sentence_merit = 0.4;
const question_merit = 0.4;

/** At most five sentences of `chars_max` characters together. The mails come oldest first; of more than 50 the first and the newest are read. */
export function whatIsSaid(mails: readonly SummarisedMail[]): Saying[] {
  const told = mails.filter(({ summary }) => summary !== '');
  const read = told.length > mails_max ? [...told.slice(0, 1), ...told.slice(1 - mails_max)] : told;
  const sentences = read.flatMap((mail, at) => {
    const merit = at === 0 || at === read.length - 1 ? ends_merit : 0;
    return sentencesOf(mail.summary.slice(0, summary_chars_max), merit).map(sentence => ({ ...sentence, mail }));
  });
  // Where somebody says the same again, who said it first is told.
  const said = new Set<string>();
  const once = sentences.filter(({ text }) => !said.has(text) && said.add(text));
  const sayings: Saying[] = [];
  for (const { mail, text } of mostTelling(once, sentences_max, chars_max)) {
    const { email_id, sender, sender_name, received_at } = mail;
    const last = sayings.at(-1);
    if (last?.email_id === email_id) sayings[sayings.length - 1] = { ...last, text: `${last.text} ${text}` };
    else sayings.push({ email_id, sender, sender_name, received_at, text });
  }
  return sayings;
}

/** By the rules of Unicode (UAX 29), which end one at every full stop. */
const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
const ends_none = /(?:\d|\b(?:mr|mrs|ms|dr|prof|st|no|nr|inc|ltd|co|vs|sr|jr|ca|bzw))\.\s*$/i;

function sentencesOf(summary: string, merit: number): Sentence[] {
  const texts: string[] = [];
  let isOpen = false;
  for (const { segment } of segmenter.segment(summary)) {
    if (isOpen) texts.push(texts.pop() + segment);
    else texts.push(segment);
    isOpen = ends_none.test(segment.slice(-10));
  }
  return texts.map((each, place) => {
    const text = each.trim();
    const asked = text.endsWith('?') ? question_merit : 0;
    return { text, words: termsOf(text).words, merit: merit + first_sentence_merit / (1 + place) + asked };
  });
}
