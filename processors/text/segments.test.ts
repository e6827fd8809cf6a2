import { describe, expect, it } from 'vitest';
import { aboutOf, forwardedIn, type SegmentKind, segmentsOf, wordsOf } from './segments.ts';

const own = (text: string, writer = ''): string => wordsOf(text, segmentsOf(text, writer));
const of = (kind: SegmentKind, text: string, writer = ''): string => wordsOf(text, segmentsOf(text, writer), kind);

describe('segmentsOf', () => {
  it('covers the text, in its order', () => {
    const text = 'Hi,\n\n> old\nnew\n\n-- \nAnn';
    const segments = segmentsOf(text);
    expect(segments.map(({ kind }) => kind)).toEqual(['own', 'quote', 'own', 'signature']);
    expect(segments.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
    expect(segmentsOf('')).toEqual([]);
  });

  it.each([
    ['above', 'I agree.\n\nOn Mon, 6 May 2024 at 12:00, Bob <bob@b.test> wrote:\n> Shall we?\n', 'I agree.'],
    ['above, without marks', 'I agree.\n\nOn 6 May 2024 12:00, Bob <bob@b.test> wrote:\nShall we?\n', 'I agree.'],
    ['below', 'On 6 May 2024, Bob wrote:\n> Shall we?\n\nYes, we shall.', 'Yes, we shall.'],
    ['between', '> Shall we?\nYes.\n> And the price?\nStill 5.', 'Yes.\n\nStill 5.'],
    ['over two lines', 'Ok.\n\nOn Monday, 6 May 2024 at 12:00, Robert B. Longname\n<bob@b.test> wrote:\n> x', 'Ok.'],
    ['German', 'Ja, gern.\n\nAm 06.05.2024 um 12:00 schrieb Bob <bob@b.test>:\n> Wollen wir?', 'Ja, gern.'],
    ['French', "D'accord.\n\nLe lun. 6 mai 2024 à 12:00, Bob <bob@b.test> a écrit :\n> On y va ?", "D'accord."],
    ['Outlook', 'Fine.\n\nFrom: Bob\nSent: Monday, May 6, 2024\nTo: Ann\nSubject: Re: x\n\nShall we?', 'Fine.'],
    ['Outlook, German', 'Gut.\n\nVon: Bob\nGesendet: Montag\nAn: Ann\nBetreff: x\n\nWollen wir?', 'Gut.'],
    ['Outlook, Russian', 'Да.\n\nОт: Боб\nОтправлено: 6 мая\nКому: Анна\nТема: x\n\nКогда?', 'Да.'],
    ['a separator', 'Fine.\n\n-----Original Message-----\nFrom: Bob\n\nShall we?', 'Fine.'],
  ])('finds a reply %s', (_, text, words) => {
    expect(own(text)).toBe(words);
    expect(of('quote', text)).not.toBe('');
  });

  it('tells a forwarded mail from a quoted one', () => {
    const text = 'See below.\n\n---------- Forwarded message ---------\nFrom: Bob\nSubject: x\n\nShall we?';
    expect(own(text)).toBe('See below.');
    expect(of('forward', text)).toContain('Shall we?');
    expect(of('quote', text)).toBe('');
  });

  it.each([
    ['a delimiter', 'The order is late.\n\n-- \nAnn Lee\nAcme Ltd', ''],
    ['a closing', 'The order is late.\n\nBest regards,\nAnn Lee\nAcme Ltd\n+44 20 7946 0018', ''],
    ['a German closing of one', 'The order is late.\n\nMit freundlichem Gruß\nAnn Lee', ''],
    ['a German closing', 'The order is late.\n\nMit freundlichen Grüßen\nAnn Lee', ''],
    ['a closing and a name', 'The order is late.\n\nBest regards,\nAnn Lee\n\nAcme', 'Ann Lee'],
    ['a name', 'The order is late.\n\nAnn', 'Ann Lee'],
    ['a dash and a name', 'The order is late.\n\n- ann lee', 'Lee, Ann'],
    ['a device', 'The order is late.\n\nSent from my iPhone', ''],
  ])('takes a signature off: %s', (_, text, writer) => expect(own(text, writer)).toBe('The order is late.'));

  it('leaves the writer his thanks, and lines that only look like a closing', () => {
    expect(own('It works.\n\nThanks,\nAnn')).toBe('It works.\n\nThanks,');
    expect(own('Best regards')).toBe('Best regards');
    expect(own('Ann\nis late', 'Ann')).toBe('Ann\nis late');
    expect(own('Anna is late again and again.', 'Ann')).toBe('Anna is late again and again.');
    expect(own('I wrote:\nno date, no quotation')).toContain('no quotation');
  });

  it("leaves the writer what he adds below his name, what ends above an attribution, and a journey's head", () => {
    expect(own('It works.\n\nBest,\nAnn\n\nPS: The sum is wrong.\nMend it!\n\nAcme Ltd')).toBe(
      'It works.\n\nPS: The sum is wrong.\nMend it!',
    );
    expect(own('It works.\n\nBest,\nAnn\nPsychologist')).toBe('It works.');
    expect(own('At 10:30.\nOn 6 May 2024, Bob wrote:\n> When?')).toBe('At 10:30.');
    const journey = 'Please book:\n\nFrom: London\nTo: Paris\nDate: 6 June\n\nConfirm it today.';
    expect(own(journey)).toBe(journey);
  });

  it.each([
    'Which one?\n\nBest\n\nThe blue one is the best of them, I would say.',
    'Hi,\n\nAnn\n\nis the name of our dog, could you order three bowls?',
    'First point.\n\n_________\n\nSecond point: please send 300 EUR.',
  ])('takes no sentence for a signature: %j', text => expect(own(text, 'Ann Lee')).toBe(text));

  it("takes a server's warning off", () => {
    for (const banner of [
      'CAUTION: This email originated from outside the organization. Do not click links.',
      '[EXTERNAL]',
      'ACHTUNG: Diese E-Mail kommt von einem externen Absender.',
      "You don't often get email from ann@a.test. Learn why this is important",
    ])
      expect(own(`${banner}\n\nHi, can we meet?`)).toBe('Hi, can we meet?');
    expect(own('Warning: the outside sensor failed.\nExternal auditors come on Friday.')).toMatch(
      /sensor.*\n.*auditors/,
    );
  });

  it('takes a disclaimer off, unless it is all there is', () => {
    const legal = 'This e-mail and any attachments are confidential and intended solely for the addressee.\nDelete it.';
    expect(own(`The order is late.\n\n${legal}`)).toBe('The order is late.');
    expect(own(legal)).toBe(legal);
  });

  it.each([
    '>',
    '-',
    '\n',
    ':',
    'a:',
    'From: x\n',
    'On 2024 ',
    'wrote:\n',
    'confidential ',
    '-- \n',
    '____\n',
    'caution ',
    'a b c d e f.\n',
    'message ',
  ])('takes a megabyte of %j in little time', unit => {
    const started = performance.now();
    segmentsOf(unit.repeat(Math.ceil(1_000_000 / unit.length)), 'ann');
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe('forwardedIn', () => {
  it.each([
    ['a separator', 'Invoice', '---------- Forwarded message ---------\nFrom: Bob\nSubject: x\n\nShall we?'],
    ['a line', 'Invoice', 'Begin forwarded message:\n\nFrom: Bob\n\nShall we?'],
    ['the subject', 'FW: Invoice', '-----Original Message-----\nFrom: Bob\nSubject: x\n\nShall we?'],
    ['the subject, in German', 'WG: Rechnung', 'Von: Bob\nGesendet: Montag\nBetreff: x\n\nShall we?'],
    ['Notes', 'Invoice', `----- Forwarded by Ann/HOU on 03/27/2001\n02:36 PM ------\n\nBob\nTo: Ann\n\nShall we?`],
  ])('is what is passed on, by %s', (_, subject, quoted_text) => {
    const forwarded = forwardedIn({ subject, quoted_text });
    expect(forwarded.endsWith('Shall we?')).toBe(true);
    expect(forwarded).not.toMatch(/forwarded|original message/i);
    expect(aboutOf({ subject, text: 'FYI', quoted_text })).toBe(`FYI\n\n${forwarded}`);
  });

  it.each([
    ['a reply', 'Re: Invoice', '-----Original Message-----\nFrom: Bob\nSubject: x\n\nShall we?'],
    ['marked lines', 'Fwd: Invoice', '> Shall we?'],
    ['nothing', 'Fwd: Invoice', ''],
  ])('is empty for %s', (_, subject, quoted_text) => {
    expect(forwardedIn({ subject, quoted_text })).toBe('');
    expect(aboutOf({ subject, text: 'Yes.', quoted_text })).toBe('Yes.');
  });
});
