/** Which examples a correction is made of, and how much each counts. */
import type { LabelledExample } from '../../lib/correction.ts';
import type { FeedbackExample, TeachingMail } from '../../schemas/generated.ts';
import { acts, isAct } from './acts.ts';

/** What is older has been forgotten; a correction of so many takes a tenth of a second to make. */
export const examples_max = 500;
/** Of what was done with mails, so many for each label: an import's must not be all that is known, nor only newsletters. */
export const acts_max = 150;
/** Of one sender and label: so many answers count less than three marks, which can turn what was learnt of him. */
export const sender_acts_max = 6;
/** An owner who has answered fewer mails is not known to answer, and it says nothing that he did not. */
export const answers_min = 3;

export const isMark = ({ act }: FeedbackExample): boolean => act === 'marked';

/** Null for what says nothing. */
export function exampleOfAct(mail: TeachingMail, act: string): FeedbackExample | null {
  const important = isAct(act) ? acts[act].important : null;
  if (important === null) return null;
  const { email_id, features, values, said, sender, received_at_ms } = mail;
  return { email_id, features, values, said: [said], label: important ? 1 : 0, act, sender, received_at_ms };
}

export const weightOf = ({ act }: FeedbackExample): number => (isAct(act) ? acts[act].weight : 1);

/**
 * Those that are kept: the marks that were made last, and, in what room they leave, what was done with the newest mails. The
 * marks come first, the rest in the order in which the mails were received, in whichever they arrive.
 */
export function keptOf(examples: readonly FeedbackExample[]): FeedbackExample[] {
  const marks = examples.filter(isMark).slice(-examples_max);
  const room = Math.min(acts_max, Math.floor((examples_max - marks.length) / 2));
  const done = examples.filter(example => !isMark(example)).sort(newestFirst);
  const kept = [0, 1].flatMap(label => newestOf(done, label, room));
  return [...marks, ...kept.sort(newestFirst).reverse()];
}

function newestOf(done: readonly FeedbackExample[], label: number, room: number): FeedbackExample[] {
  const of_sender = new Map<number, number>();
  const kept: FeedbackExample[] = [];
  for (const example of done) {
    if (kept.length === room) break;
    const already = of_sender.get(example.sender) ?? 0;
    if (example.label !== label || already === sender_acts_max) continue;
    of_sender.set(example.sender, already + 1);
    kept.push(example);
  }
  return kept;
}

function newestFirst(a: FeedbackExample, b: FeedbackExample): number {
  return b.received_at_ms - a.received_at_ms || (a.email_id < b.email_id ? -1 : a.email_id > b.email_id ? 1 : 0);
}

/** Those to learn from, with their weights. */
export function weighed(examples: readonly FeedbackExample[]): (LabelledExample & FeedbackExample)[] {
  const answers = examples.filter(({ act }) => act === 'replied').length;
  const used = answers < answers_min ? examples.filter(({ act }) => act !== 'unanswered') : examples;
  return used.map(example => ({ ...example, weight: weightOf(example) }));
}
