import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { readPassword } from './password.ts';

/** A terminal at which somebody types each line once it is asked for. */
function typing(...lines: string[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  let seen = '';
  output.on('data', chunk => {
    seen += String(chunk);
    if (String(chunk).endsWith(': ')) input.write(lines.shift() ?? '');
  });
  return { terminal: { input, output }, seen: () => seen };
}

it('asks a person twice and shows nothing of what is typed', async () => {
  const { terminal, seen } = typing('correct horse\r', 'correct horse\r');
  expect(await readPassword(terminal)).toBe('correct horse');
  expect(seen()).toBe('Password: \nThe same once more: \n');
});

it('refuses what was not typed the same twice, and leaves with Ctrl-C', async () => {
  await expect(readPassword(typing('correct horse\r', 'correct house\r').terminal)).rejects.toThrow(/not the same/);
  await expect(readPassword(typing('correct\u0003').terminal)).rejects.toThrow('interrupted');
});

it('takes the first line of what is piped in, as it is', async () => {
  const piped = (text: string) => ({ input: new PassThrough().end(text), output: new PassThrough() });
  expect(await readPassword(piped(' with spaces \r\nand more'))).toBe(' with spaces ');
  expect(await readPassword(piped('no line break'))).toBe('no line break');
  await expect(readPassword(piped(''))).rejects.toThrow(/no password/);
});
