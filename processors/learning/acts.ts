/** What an owner of a mailbox does with a mail says whether it was important, some of it more than other. */
import type { EmailEnriched } from '../../schemas/generated.ts';

/**
 * The rule, strongest first: of a mail with which several things were done, the first one counts. `weight` is in marks, the label
 * that somebody gave a mail himself.
 *
 * After Priority Inbox (Aberdeen, Pacovsky & Slater 2010, "The Learning behind Gmail Priority Inbox", section 2.2), where a mail is
 * important if its owner acts on it within a window of days, and what he marks counts more. The weights are stated, not fitted.
 */
export const acts = {
  /** `POST /api/emails/{id}/feedback`; the label is his. */
  marked: { important: null, weight: 1 },
  /** X-Gmail-Labels, X-Mozilla-Status, X-Status, a maildir's flags. */
  starred: { important: true, weight: 0.6 },
  /** The same but the first, or his answer as it comes through the pipeline. */
  replied: { important: true, weight: 0.4 },
  /** Where the mailbox does not say whether it was answered. */
  opened: { important: true, weight: 0.1 },
  unopened: { important: false, weight: 0.2 },
  /** Written by a person, in a mailbox whose owner answers others. Neither says anything sooner than `unanswered_after_ms`. */
  unanswered: { important: false, weight: 0.1 },
} as const;

export type Act = keyof typeof acts;

/** Priority Inbox waits for days too, since nobody reads on a Sunday what came on a Friday. */
export const unanswered_after_ms = 4 * 24 * 60 * 60 * 1000;

const strongest_first: readonly string[] = Object.keys(acts);

export const isAct = (act: string): act is Act => Object.hasOwn(acts, act);

/** Whether `act` says no less of a mail than `other`. */
export const isAsStrong = (act: string, other: string): boolean =>
  strongest_first.indexOf(act) <= strongest_first.indexOf(other);

/** What the mailbox says that its owner did with the mail; empty where it says nothing. */
export function actOf({ email, automatic, lineage }: EmailEnriched): Act | '' {
  const { replied, starred, opened } = email.signals;
  const isLeft = lineage.ingested_at_ms - email.received_at_ms >= unanswered_after_ms;
  if (starred) return 'starred';
  if (replied) return 'replied';
  if (opened === false) return isLeft ? 'unopened' : '';
  if (opened === null) return '';
  if (replied === null) return 'opened';
  return automatic === '' && isLeft ? 'unanswered' : '';
}
