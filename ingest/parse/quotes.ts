/**
 * Tells a writer's own words from what the mail quotes or forwards, line by line.
 *
 * - A line that begins with `>` is quoted, wherever it stands: answers between quoted lines stay the writer's own.
 * - The head of a repeated mail (lib/mail-heads.ts) is quoted.
 * - Where marked lines follow such a head, by `>` or by a mark of the writer's own (`|`, `--]`), the quotation is the
 *   marked lines. Where none do (many clients quote without marks), it is everything below.
 */
import { headAt, isQuotedLine, nextNonBlank } from '../../lib/mail-heads.ts';

export interface SplitText {
  own: string;
  quoted: string;
}

/** Below a head, a quotation with `>` begins within this many lines ("<snip>" may come first). */
const marked_lines_within = 5;

export function splitQuotes(text: string): SplitText {
  const lines = text.split(/\r?\n/);
  const own: string[] = [];
  const quoted: string[] = [];
  /** A mark other than `>`, known from the lines below an attribution. */
  let mark: string | null = null;
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (isQuotedLine(line) || (mark !== null && line.trimStart().startsWith(mark))) {
      quoted.push(line);
      at++;
      continue;
    }
    const head = headAt(lines, at);
    if (head === null) {
      own.push(line);
      at++;
      continue;
    }
    const below = nextNonBlank(lines, at + head.lines);
    mark = ownMark(lines, below) ?? mark;
    const isMarked =
      ownMark(lines, below) !== null || lines.slice(below, below + marked_lines_within).some(isQuotedLine);
    const end = isMarked ? at + head.lines : lines.length;
    quoted.push(...ruleAbove(own));
    while (at < end) quoted.push(lines[at++] ?? '');
  }
  return { own: tidy(own), quoted: tidy(quoted) };
}

/** Takes off the rule that Outlook draws above the head of what it quotes, an empty line between them at most. */
function ruleAbove(own: string[]): string[] {
  const at = (own.at(-1) ?? 'x').trim() === '' ? own.length - 2 : own.length - 1;
  return /^_{10,80}\s{0,9}$/.test(own[at] ?? '') ? own.splice(at) : [];
}

/** A mark of punctuation that at least two lines from `at` begin with. */
function ownMark(lines: string[], at: number): string | null {
  const mark = /^[ \t]{0,3}([^\p{L}\p{N}\s"'(<>*[$€£-][^\p{L}\p{N}\s"']{0,2}|-+[\]>|])/u.exec(lines[at] ?? '')?.[1];
  return mark !== undefined && lines[at + 1]?.trimStart().startsWith(mark) ? mark : null;
}

/** Each step is linear: a regular expression for trailing blanks would be quadratic in a run of them. */
function tidy(lines: string[]): string {
  const trimmed = lines.map(line => line.trimEnd());
  const first = trimmed.findIndex(line => line !== '');
  if (first < 0) return '';
  return trimmed
    .slice(first)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd();
}
