/** What a mailbox says its owner did with a mail. */
import type { MailSignals } from './generated.ts';

/** Of a mail of which nothing is known, which is not that nothing was done. */
export const unsaid: Readonly<MailSignals> = { replied: null, starred: null, opened: null };
