import { expect, it, vi } from 'vitest';
import { printable, printJson, table } from './terminal.ts';

it('spells out what a terminal would obey, and what would turn text around', () => {
  expect(printable('a\u001b]0;owned\u0007b\r\nc')).toBe('a\\x1b]0;owned\\x07b\\x0d\\x0ac');
  expect(printable('abc\u202egpj.exe')).toBe('abc\\u{202e}gpj.exe');
  expect(printable('line\n\tnext\u009b', '\n\t')).toBe('line\n\tnext\\x9b');
  expect(printable('Grüße, 世界 👍')).toBe('Grüße, 世界 👍');
});

it('aligns columns and cuts what is long', () => {
  const lines = table(
    ['cause', 'n'],
    [
      ['mail.malformed', '12'],
      ['x'.repeat(100), '1\u001b'],
    ],
  ).split('\n');
  expect(lines[0]).toBe(`cause${' '.repeat(57)}n`);
  expect(lines[1]).toBe(`mail.malformed${' '.repeat(48)}12`);
  expect(lines[2]).toBe(`${'x'.repeat(59)}…  1\\x1b`);
});

it('prints JSON that no terminal obeys and that means the same', () => {
  const written: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(text => written.push(String(text)) > 0);
  const value = { subject: 'a\u001b[2J\u009b\u202eb\u{e0001}', list: ['Grüße 👍'] };
  printJson(value, 2);
  write.mockRestore();
  expect(JSON.parse(written.join(''))).toEqual(value);
  expect(written.join('').replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
