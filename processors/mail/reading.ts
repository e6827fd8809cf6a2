/** A mail's subject and own words, each read once for every model. */
import type { Email } from '../../schemas/generated.ts';
import { flag, hashOf, kind, Tokens } from '../text/tokens.ts';

/** What stands in a text besides what its words mean. */
export interface Form {
  words: number;
  links: number;
  questions: number;
  exclamations: number;
  /** Sums of money: a currency sign beside a number. */
  sums: number;
  /** Share of the words that are all in capitals, 0 to 1. */
  capitals: number;
}

/** Valid until the next mail is read. */
export interface MailReading {
  readonly subject: Tokens;
  readonly body: Tokens;
  readonly subject_form: Readonly<Form>;
  readonly body_form: Readonly<Form>;
  /** The first sentence of the body that is no longer the writer's words to the reader: a signature's or a disclaimer's. */
  readonly own_sentences: number;
}

const subject = new Tokens();
const own_body = new Tokens();
const subject_form = blankForm();
const body_form = blankForm();

/** Reads a mail into buffers that the next mail is read into. `body` is its text, where that was read before. */
export function readMail(email: Pick<Email, 'subject' | 'text'>, body = own_body.read(email.text)): MailReading {
  subject.read(email.subject);
  readForm(subject, subject_form);
  readForm(body, body_form);
  return { subject, body, subject_form, body_form, own_sentences: ownSentences(body) };
}

function blankForm(): Form {
  return { words: 0, links: 0, questions: 0, exclamations: 0, sums: 0, capitals: 0 };
}

function readForm(tokens: Tokens, form: Form): void {
  let [words, links, questions, exclamations, sums, capitals] = [0, 0, 0, 0, 0, 0];
  for (let at = 0; at < tokens.count; at++) {
    const what = tokens.kind[at]!;
    if (what === kind.word) {
      words++;
      if ((tokens.flags[at]! & flag.all_capitals) !== 0) capitals++;
    } else if (what === kind.url) links++;
    else if (what === kind.punctuation) {
      const code = tokens.text.charCodeAt(tokens.start[at]!);
      if (code === 0x3f) questions++;
      else if (code === 0x21) exclamations++;
      else if (isCurrency(code) && (tokens.kind[at + 1] === kind.number || tokens.kind[at - 1] === kind.number)) sums++;
    }
  }
  form.words = words;
  form.links = links;
  form.questions = questions;
  form.exclamations = exclamations;
  form.sums = sums;
  form.capitals = words === 0 ? 0 : capitals / words;
}

/** `$`, `£` and `€`. */
function isCurrency(code: number): boolean {
  return code === 0x24 || code === 0x20ac || code === 0xa3;
}

/** A signature begins with `--` alone in its line (RFC 3676, 4.3), or a rule of that kind; a device signs "Sent from my …". */
function ownSentences(tokens: Tokens): number {
  const { sentence_start, sentences } = tokens;
  for (let sentence = 0; sentence < sentences; sentence++) {
    const start = sentence_start[sentence]!;
    const end = sentence_start[sentence + 1]!;
    for (let at = start; at < end; at++) if (isRule(tokens, at)) return at === start ? sentence : sentence + 1;
    if (isFarewell(tokens, start, end)) return sentence;
  }
  return sentences;
}

function isRule({ kind: kinds, flags, text, start, end, count }: Tokens, at: number): boolean {
  if (kinds[at] !== kind.punctuation || (flags[at]! & flag.line_start) === 0) return false;
  if (text.charCodeAt(start[at]!) !== 0x2d || end[at]! - start[at]! < 2) return false;
  return at + 1 === count || (flags[at + 1]! & flag.line_start) !== 0 || kinds[at + 1] === kind.paragraph;
}

const sent = hashOf('sent');
const from = hashOf('from');
const my = hashOf('my');
const confidential: ReadonlySet<number> = new Set(['confidential', 'privileged', 'vertraulich'].map(hashOf));
const intended: ReadonlySet<number> = new Set(
  ['intended', 'recipient', 'recipients', 'addressee', 'disclosure', 'empfänger'].map(hashOf),
);

const disclaiming: ReadonlySet<number> = new Set([...confidential, ...intended]);

function isFarewell({ hash }: Tokens, start: number, end: number): boolean {
  if (hash[start] === sent && hash[start + 1] === from && hash[start + 2] === my) return true;
  let secret = false;
  let addressed = false;
  for (let at = start; at < end; at++) {
    if (!disclaiming.has(hash[at]!)) continue;
    if (confidential.has(hash[at]!)) secret = true;
    else addressed = true;
  }
  return secret && addressed;
}
