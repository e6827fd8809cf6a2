import { describe, expect, it } from 'vitest';
import { headAt } from './mail-heads.ts';

const head = (...lines: string[]) => headAt(lines, 0);

describe('headAt', () => {
  it.each([
    ['attribution', 1, 'On Thu, 22 Aug 2002 at 12:36, Ann <ann@a.example> wrote:'],
    ['attribution', 2, 'On Thu, 22 Aug 2002 at 12:36, Ann Lee\n<ann@a.example> wrote:'],
    ['attribution', 1, 'peter@a.example said:\n> Shall we?'],
    ['quote', 3, '-----Original Message-----\nFrom: Ann\nSubject: x'],
    ['quote', 1, 'From: Ann\nSent: Thursday\nTo: Bob\nSubject: x'],
    ['quote', 1, 'From: Ann Lee on 07/11/2000 01:47 PM\nTo: Bob, Carl\ncc:\n\nSubject: x'],
    ['forward', 2, '---------- Forwarded message ---------\nFrom: Ann'],
    ['forward', 1, 'Begin forwarded message:'],
    ['forward', 1, '-------- Message transféré --------'],
    ['forward', 1, '----- Forwarded by Ann/HOU on 07/12/2001 10:48 AM -----'],
    ['forward', 2, '---------------------- Forwarded by Ann/HOU on 03/27/2001\n02:36 PM ------------'],
    ['forward', 3, '---------------------- Forwarded by Ann/HOU on 03/27/2001=\n=20\n02:36 PM ------------'],
    ['forward', 1, '---------------------- Forwarded by Ann/HOU'],
  ])('knows the %s of %i lines %j', (kind, lines, text) => {
    expect(head(...text.split('\n'), 'Shall we?')).toEqual({ kind, lines });
  });

  it.each([
    '',
    ' '.repeat(200),
    'From: now on',
    'From: London\nTo: Paris\nDate: 6 June 2024\nPrice: 120',
    'From: Ann\nTo: Bob',
    'He wrote:\nnothing at all.',
    '-- forwarded by hand',
    `----- Original Message -----${'x'.repeat(300)}`,
  ])('takes %j for the writer’s', text => {
    expect(head(...text.split('\n'))).toBeNull();
  });
});
