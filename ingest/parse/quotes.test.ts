import { describe, expect, it } from 'vitest';
import { splitQuotes } from './quotes.ts';

const split = (...lines: string[]) => splitQuotes(lines.join('\n'));

describe('splitQuotes', () => {
  it('keeps a text without quotations whole', () => {
    const text = 'Hi Ann,\n\nfrom Monday on it works: thanks!\nI wrote: no.\n\n--\nBob';
    expect(splitQuotes(text)).toEqual({ own: text, quoted: '' });
  });

  it('keeps answers between quoted lines', () => {
    expect(split('> Can you come?', 'Yes.', '', '>> At ten?', ' > At noon?', 'Noon.')).toEqual({
      own: 'Yes.\n\nNoon.',
      quoted: '> Can you come?\n>> At ten?\n > At noon?',
    });
  });

  it.each([
    'On Thu, 22 Aug 2002 at 12:36, Ann Lee <ann@a.example> wrote:',
    'On Thursday 22 August 2002\nat 12:36, Ann Lee\n<ann@a.example> wrote:',
    'Am Do., 22. Aug. 2002 um 12:36 Uhr schrieb Ann Lee <ann@a.example>:',
    'Le jeu. 22 août 2002 à 12:36, Ann Lee <ann@a.example> a écrit :',
    'El jue, 22 ago 2002 a las 12:36, Ann Lee (<ann@a.example>) escribió:',
    'Il giorno gio 22 ago 2002 alle 12:36 Ann Lee <ann@a.example> ha scritto:',
    'Em qui., 22 de ago. de 2002 às 12:36, Ann Lee <ann@a.example> escreveu:',
    'Op do 22 aug. 2002 om 12:36 schreef Ann Lee <ann@a.example>:',
    'Den tors 22 aug. 2002 kl 12:36 skrev Ann Lee <ann@a.example>:',
    'czw., 22 sie 2002 o 12:36 Ann Lee <ann@a.example> napisał:',
    '2002-08-22 12:36 GMT+02:00 Ann Lee <ann@a.example> wrote:',
  ])('takes everything below %j', attribution => {
    expect(split('Fine with me.', '', attribution, '', 'Shall we?', 'Ann')).toEqual({
      own: 'Fine with me.',
      quoted: `${attribution}\n\nShall we?\nAnn`,
    });
  });

  it("leaves the writer the line above an attribution, and a journey's head", () => {
    for (const attribution of [
      'On Thu, 22 Aug 2002 at 12:36, Ann Lee <ann@a.example> wrote:',
      'On Thu, 22 Aug 2002 at 12:36, Ann Lee\n<ann@a.example> wrote:',
      'Ann Lee <ann@a.example> wrote:',
    ])
      for (const words of ['Fine.', 'Fine with me\nas you say', 'See you at 12:30.'])
        expect(split(words, attribution, '> Shall we?').own).toBe(words);
    const journey = 'Please book:\n\nFrom: London\nTo: Paris\nDate: 6 June 2024\nPrice: 120\n\nConfirm it today.';
    expect(splitQuotes(journey)).toEqual({ own: journey, quoted: '' });
  });

  it.each([
    'чт, 22 авг. 2002 г. в 12:36, Ann Lee <ann@a.example>:',
    '2002年8月22日(木) 12:36 Ann Lee <ann@a.example>:',
    'čt 22. 8. 2002 v 12:36 odesílatel Ann Lee <ann@a.example> napsal:',
    '22 Ağu 2002 Per, 12:36 tarihinde Ann Lee <ann@a.example> şunu yazdı:',
  ])('knows by its address and time, above marked lines, %j', attribution => {
    expect(split('Ano.', '', attribution, '', '> Shall we?').own).toBe('Ano.');
    expect(split('Ano.', '', attribution, '', 'Shall we?').own).toContain('Shall we?');
  });

  it('takes off the rule above a repeated head', () => {
    const head = ['From: Ann <ann@a.example>', 'Sent: Thursday', 'Subject: x'];
    expect(split('See below.', '', '_'.repeat(32), ...head, '', 'the offer').own).toBe('See below.');
    expect(split('See below.', '', '_'.repeat(32), 'the offer').own).toContain('____');
  });

  it('takes only the marked lines below an attribution where there are some', () => {
    expect(split('Ann said:', '> Shall we?', '', 'Fine with me.')).toEqual({
      own: 'Fine with me.',
      quoted: 'Ann said:\n> Shall we?',
    });
    expect(split('On 26 Aug 2002, Ann wrote:', '--]Shall we?', '--]And when?', '', 'Fine.')).toEqual({
      own: 'Fine.',
      quoted: 'On 26 Aug 2002, Ann wrote:\n--]Shall we?\n--]And when?',
    });
  });

  it.each([
    ['-----Original Message-----', 'From: Ann', 'Subject: x'],
    ['-----Ursprüngliche Nachricht-----', 'Von: Ann', 'Betreff: x'],
    ['---------- Forwarded message ---------', 'From: Ann'],
    ['Begin forwarded message:'],
    ['------ Forwarded by Ann Lee/HOU on 03/27/2001', '02:36 PM ------', 'Ann Lee', '03/26/2001', 'To: Bob'],
    ['-------- Message transféré --------'],
    ['From: Ann Lee <ann@a.example>', 'Sent: Thursday, August 22, 2002 12:36', 'To: Bob', 'Subject: x'],
    ['Von: Ann Lee', 'Gesendet: Donnerstag, 22. August 2002 12:36', 'An: Bob', 'Betreff: x'],
    ['De : Ann Lee', 'Envoyé : jeudi 22 août 2002 12:36', 'À : Bob', 'Objet : x'],
    ['От: Ann Lee', 'Отправлено: 22 августа 2002 г. 12:36', 'Кому: Bob', 'Тема: x'],
    ['差出人: Ann Lee', '送信日時: 2002年8月22日 12:36', '宛先: Bob', '件名: x'],
    ['发件人： Ann Lee', '发送时间： 2002年8月22日 12:36', '收件人： Bob', '主题： x'],
    ['-----Исходное сообщение-----', 'От: Ann', 'Тема: x'],
    ['*From:* Ann', '*Date:* Thursday', '*Subject:* x'],
  ])('takes everything below %j', (...head) => {
    expect(split('See below.', '', ...head, '', 'the offer')).toEqual({
      own: 'See below.',
      quoted: [...head, '', 'the offer'].join('\n'),
    });
  });

  it('takes the marked lines alone below a repeated head', () => {
    const { own } = split(
      '----- Original Message -----',
      'From: "Ann" <ann@a.example>',
      '',
      '>',
      '> Shall we?',
      '',
      'Fine.',
    );
    expect(own).toBe('Fine.');
  });

  it('is not fooled by prose that resembles a head', () => {
    for (const text of [
      'From: now on',
      'He wrote:\nnothing at all.',
      'On time:\nyes',
      'The data we sent: a table\nTo: do',
    ])
      expect(splitQuotes(text).quoted).toBe('');
  });

  it.each([
    ['blanks', ' '.repeat(400_000)],
    ['blanks before a letter', `${' '.repeat(400_000)}x`],
    ['blank lines', '\n'.repeat(400_000)],
    ['colons', 'a:\n'.repeat(100_000)],
    ['attributions', 'On 22 Aug 2002 wrote\n'.repeat(20_000)],
    ['dashes', '- '.repeat(200_000)],
    ['addresses', `${'@'.repeat(290)}:\n`.repeat(1_500)],
    ['times', `${'1:11'.repeat(70)}:\n`.repeat(1_500)],
    ['blanks above heads', `${'\n'.repeat(200_000)}${'Ann <a@b> 10:12:\n> x\n'.repeat(20_000)}`],
    ['rules', `${'_'.repeat(32)}\n`.repeat(12_000)],
  ])('takes hostile input (%s) in linear time', (_, text) => {
    const started = performance.now();
    splitQuotes(text);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
