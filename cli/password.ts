/** A password that nobody reads over somebody's shoulder, in a shell's history or in the list of processes. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { MillraceError } from '../lib/errors.ts';
import { interrupted } from './client.ts';

export interface Terminal {
  /** With `isTTY` where a person types. */
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

const bytes_max = 4_096;

/** Asked for twice, unseen, where a person types; else the first line of what is piped in. Throws MillraceError `usage` or `interrupted`. */
export async function readPassword(
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Promise<string> {
  if (!terminal.input.isTTY) return firstLine(terminal.input);
  const password = await ask('Password: ', terminal);
  if (password !== (await ask('The same once more: ', terminal))) {
    throw new MillraceError('usage', 'the two are not the same');
  }
  return password;
}

async function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of input) {
    text += String(chunk);
    if (text.includes('\n') || text.length > bytes_max) break;
  }
  const [line = ''] = text.split(/\r?\n/);
  if (line === '') throw new MillraceError('usage', 'no password came by standard input');
  return line;
}

function ask(question: string, { input, output }: Terminal): Promise<string> {
  output.write(question);
  // What is typed would be echoed there.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  return new Promise((resolve, reject) => {
    lines.once('line', line => {
      resolve(line);
      lines.close();
    });
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => {
      output.write('\n');
      reject(interrupted());
    });
  });
}
