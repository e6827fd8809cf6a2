/**
 * What a mailbox says its owner did with a mail, in the conventions of the programs that keep mailboxes. What none of them states
 * is unknown, not undone. Of what is no mail to its owner (what he sent or drafted) and of what he threw away nothing is said.
 *
 * A sender could write such a header too. So they are read in mailboxes alone, never in a mail that was handed in; of a maildir
 * its file names alone are heard; what an exporter writes is heard above the headers of the servers on the way (RFC 5321, 4.4),
 * where no sender can write; and the table's first convention that states something is the only one that is heard. What is left:
 * Status and X-Status in a file whose program has written neither yet.
 */
import type { MailSignals } from '../../schemas/generated.ts';
import { unsaid } from '../../schemas/signals.ts';
import type { Headers } from './headers.ts';

/** Where a mailbox had the mail. */
export interface KeptIn {
  /** The names on the way to it, from what was imported down to its own, divided by slashes; of a mailbox that is one file, that file's. */
  readonly folder: string;
  /** Without its folder; empty where the mailbox is one file. */
  readonly file_name: string;
}

interface Convention {
  readonly of: string;
  /** What it states, from which `read` finds out more; null where it states nothing. */
  stated(headers: Headers): string | null;
  /** Null where the statement is none of its kind. */
  read(stated: string): MailSignals | null;
}

/** More than any of these programs writes. */
const stated_chars_max = 4_096;

const conventions: readonly Convention[] = [
  {
    // Google Takeout: names of labels, divided by commas. It does not say what was answered; the answers are in the same file.
    of: 'X-Gmail-Labels',
    stated: headers => headerOnTop(headers, 'x-gmail-labels'),
    read(stated) {
      const labels = new Set(
        decodedWords(stated)
          // Labels of the user's own that have commas in them.
          .replace(/"[^"]*"/g, '')
          .split(',')
          .map(label => label.trim().toLowerCase()),
      );
      const opened = labels.has('opened') ? true : labels.has('unread') ? false : null;
      if ([...labels].some(label => not_received.has(label))) return unsaid;
      // In another language its labels are not known, and that there is no star cannot be told.
      return { replied: null, starred: labels.has('starred') ? true : opened === null ? null : false, opened };
    },
  },
  {
    // Mozilla's nsMsgMessageFlags: four hexadecimal digits.
    of: 'X-Mozilla-Status',
    stated: headers => headerOnTop(headers, 'x-mozilla-status'),
    read(stated) {
      if (!/^[0-9a-f]{4}$/i.test(stated)) return null;
      const flags = Number.parseInt(stated, 16);
      if ((flags & mozilla.expunged) !== 0) return unsaid;
      return {
        replied: (flags & mozilla.replied) !== 0,
        starred: (flags & mozilla.marked) !== 0,
        opened: (flags & mozilla.read) !== 0,
      };
    },
  },
  {
    // Of mbox (mutt, Pine, Dovecot): R read and O old in the one, A answered and F flagged in the other, which not all write.
    of: 'Status and X-Status',
    stated(headers) {
      const status = lastHeader(headers, 'status');
      const more = lastHeader(headers, 'x-status');
      return status === null && more === null ? null : `${status ?? '-'}/${more ?? '-'}`;
    },
    read(stated) {
      const [, status, more] = /^([RONU]{0,4}|-)\/([A-Z]{0,8}|-)$/.exec(stated.replaceAll(' ', '')) ?? [];
      if (status === undefined || more === undefined) return null;
      if (/[DT]/.test(more)) return unsaid;
      const says = (letter: string): boolean | null => (more === '-' ? null : more.includes(letter));
      return { replied: says('A'), starred: says('F'), opened: status === '-' ? null : status.includes('R') };
    },
  },
];

/** Folders and labels of what did not come to the owner, or that he does not want; in English. */
const not_received: ReadonlySet<string> = new Set([
  ...['sent', 'sent items', 'sent mail', 'sent messages', 'outbox', 'draft', 'drafts', 'templates', 'chat', 'chats'],
  ...['spam', 'junk', 'junk e-mail', 'junk email', 'junk mail', 'bulk mail'],
  ...['trash', 'deleted', 'deleted items', 'deleted messages'],
]);

/** By any part of a name: `.INBOX.Spam`, `Spam.mbox`, `.Sent.2024`, `Junk/2024`. */
function isNotReceived(folder: string): boolean {
  return folder
    .slice(-folder_chars_max)
    .toLowerCase()
    .split(/[./]/)
    .some(part => not_received.has(part));
}

/** More than a file system has. */
const folder_chars_max = 4_096;
const mozilla = { read: 0x0001, replied: 0x0002, marked: 0x0004, expunged: 0x0008 } as const;

export function signalsOf(headers: Headers, kept_in: KeptIn): MailSignals {
  if (isNotReceived(kept_in.folder)) return { ...unsaid };
  if (kept_in.file_name !== '') return ofFileName(kept_in.file_name);
  for (const { stated, read } of conventions) {
    const found = stated(headers);
    const said = found === null || found.length > stated_chars_max ? null : read(found.trim());
    if (said !== null) return { ...said };
  }
  return { ...unsaid };
}

/** Maildir: flags behind `:2,`, for which some file systems have another sign. In `new` nobody has looked at the mail yet. */
function ofFileName(file_name: string): MailSignals {
  const flags = /[:!;]2,([A-Za-z]{0,52})$/.exec(file_name.slice(-64))?.[1] ?? null;
  if (flags === null || /[TD]/.test(flags)) return { ...unsaid };
  return { replied: flags.includes('R'), starred: flags.includes('F'), opened: flags.includes('S') };
}

/** Each server writes its Received above what it was given, and an exporter above all of them. */
function headerOnTop(headers: Headers, name: string): string | null {
  const found = headers.find(header => header.name === name || header.name === 'received');
  return found?.name === name ? found.value : null;
}

/** Programs write what they add below what was there. */
function lastHeader(headers: Headers, name: string): string | null {
  return headers.findLast(header => header.name === name)?.value ?? null;
}

/** RFC 2047, of what is UTF-8; the blanks between two encoded words are none of the text (6.2). */
function decodedWords(value: string): string {
  const joined = value.replace(/\?=[ \t]{1,8}=\?/g, '?==?');
  return joined.replace(/=\?utf-8\?([qb])\?([^? ]{0,1000})\?=/gi, (_, encoding: string, text: string) =>
    encoding.toLowerCase() === 'b' ? Buffer.from(text, 'base64').toString() : decodedQ(text),
  );
}

function decodedQ(text: string): string {
  const binary = text
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(binary, 'latin1').toString();
}
