/** What people read: progress and reasons on stderr, data on stdout. */

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export const count = (value: number): string => value.toLocaleString('en-US');

// Controls, which a terminal obeys, and what is invisible, such as the marks that turn the direction of text around.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text with everything that a terminal would act on spelled out: what strangers wrote must not move the cursor. */
export function printable(text: string, keep = ''): string {
  return text.replace(unsafe, char => {
    if (keep.includes(char)) return char;
    const code = (char.codePointAt(0) ?? 0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u{${code}}`;
  });
}

/** JSON in which everything invisible is spelled out: safe on a terminal, and the same value to whoever parses it. */
export function printJson(value: unknown, indent = 0): void {
  const text = JSON.stringify(value, null, indent);
  print(
    text.replace(unsafe, char =>
      char === '\n' ? char : [...Array(char.length).keys()].map(at => unit(char, at)).join(''),
    ),
  );
}

const unit = (text: string, at: number): string => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;

const cell_chars_max = 60;

/** Rows as aligned columns under a heading; long cells are cut. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [heading, ...rows].map(row => row.map(cell => cut(printable(cell))));
  const widths = heading.map((_, column) => Math.max(...cells.map(row => (row[column] ?? '').length)));
  return cells
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const cut = (text: string): string => (text.length > cell_chars_max ? `${text.slice(0, cell_chars_max - 1)}…` : text);
