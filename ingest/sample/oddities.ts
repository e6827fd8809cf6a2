/** What goes wrong in real life, on purpose: each must end as it is marked, and none may disturb its neighbours. */
import { hours } from './clock.ts';
import { accounts, type Person, shared, staff } from './company.ts';
import { mailDate } from './message.ts';
import { scannedPdf } from './pdf.ts';
import { addMail, customerText, type Entry, fractionOf, newMessageId, type Script } from './script.ts';
import { addEvent } from './story-product.ts';

const person = (account: number, index = 0): Person => accounts[account]!.people[index]!;

export function playOddities(script: Script): void {
  addAttachments(script);
  addMalformedMails(script);
  addDeadLetters(script);
  addLateEvent(script);
  // Last: it repeats what is there.
  addDuplicates(script);
}

function addAttachments(script: Script): void {
  const buyer = person(2);
  addMail(
    script,
    { at: 0.42, mailbox: shared.support, owner: staff.lena },
    {
      from: buyer,
      to: [{ name: '', address: shared.support }],
      subject: 'Our site list for the import',
      message_id: newMessageId(script, buyer.address),
      text: customerText(buyer, 'Lena', [
        'Attached is the list of our sites for the import. Thank you for doing this for us, that is wonderful!',
      ]),
      attachments: [
        {
          filename: 'sites.csv',
          content_type: 'text/csv',
          bytes: Buffer.from('site,postcode\nMill Lane 4,HR1 2AB\nCastle Street 19,HR4 9DE\n'),
        },
      ],
    },
  );
  const accountant = person(0, 2);
  addMail(
    script,
    { at: 0.77, mailbox: shared.billing, owner: staff.grace },
    {
      from: accountant,
      to: [{ name: '', address: shared.billing }],
      subject: 'Scan of the wrong invoice',
      message_id: newMessageId(script, accountant.address),
      text: customerText(accountant, 'Grace', [
        'Here is the scan of the invoice that is wrong. We were charged for seats that we gave back months ago, and I am fed up with it.',
      ]),
      attachments: [
        {
          filename: 'scan.pdf',
          content_type: 'application/pdf',
          bytes: scannedPdf(['INVOICE 2047', 'SEATS 48', 'TOTAL 1250.00 EUR', 'PAID TWICE']),
        },
      ],
    },
  );
}

/** Broken, but there is a mail in it: no end of the parts, an unknown charset, half an encoded word, a date in the future. */
function addMalformedMails(script: Script): void {
  const writer = person(10, 1);
  addRaw(script, 0.55, at_ms => [
    `Received: from mail.${writer.account.domain} by mx.example; ${mailDate(at_ms)}`,
    `From: "${writer.name} <${writer.address}>`,
    `To: ${shared.support}`,
    'Date: Tue, 31 Feb 2045 27:61:00 +9900',
    `Message-ID: ${newIdOf(writer, 'malformed')}`,
    'Subject: =?utf-8?Q?Alarm_panel_view_missing=20since_Tuesday?= =?x-odd?B?!!',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=never-closed',
    '',
    '--never-closed',
    'Content-Type: text/plain; charset=x-unknown',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'The alarm panel view is missing since Tuesday. =ZZ Please help, this is =',
    'urgent for us.',
  ]);
  const other = person(15);
  addRaw(script, 0.61, at_ms => [
    `Received: from mail.${other.account.domain} by mx.example; ${mailDate(at_ms)}`,
    `From: ${other.name} <${other.address}>`,
    `To: ${shared.support}`,
    'Date: Sat, 22 Jan 2028 18:26:25 +0000',
    `Message-ID: ${newIdOf(other, 'future')}`,
    'Subject: Clock of our mail server',
    '',
    'Our mail server had a wrong clock this morning. Did you get my last mail? All is well otherwise, the trial is going very nicely.',
  ]);
  addRaw(script, 0.33, at_ms => [
    `Received: from scanner.office by mx.example; ${mailDate(at_ms)}`,
    `To: ${shared.support}`,
    `Message-ID: <scan-${Math.floor(fractionOf('scan') * 1e9)}@scanner.office.example>`,
    'Subject: Message from the copier',
    '',
    'There is paper in tray 2.',
  ]);
}

function addRaw(script: Script, at: number, lines: (at_ms: number) => string[]): void {
  script.entries.push({
    kind: 'mail',
    at,
    end: 'stored',
    mailbox: shared.support,
    owner: staff.idris,
    bytes: clock => Buffer.from(`${lines(clock(at)).join('\r\n')}\r\n`),
  });
}

function newIdOf(writer: Person, what: string): string {
  return `<${what}.${Math.floor(fractionOf(what) * 1e9)}@${writer.account.domain}>`;
}

function addDeadLetters(script: Script): void {
  // The printer's own language, sent to the wrong port.
  script.entries.push({
    kind: 'mail',
    at: 0.36,
    end: 'dead_letter',
    mailbox: shared.support,
    owner: staff.idris,
    bytes: () =>
      Buffer.from(
        '\u001b%-12345X@PJL SET RESOLUTION=600\r\n@PJL ENTER LANGUAGE=PCL\r\n\u001bE\u001b&l1O\u0000\u0001\r\n',
        'latin1',
      ),
  });
  // `data` is an object everywhere else.
  addEvent(script, 0.71, person(13), ['limit_reached', 'twenty users'], { end: 'dead_letter' });
}

/** A phone that had no network for three working days. */
function addLateEvent(script: Script): void {
  addEvent(script, 0.66, person(4, 1), ['feature_used', { feature: 'photo_report', offline: true }], {
    happenedAt: 0.66 - hours(30),
  });
}

function addDuplicates(script: Script): void {
  const mails = script.entries.filter(entry => entry.kind === 'mail' && entry.end === 'stored');
  const lines = script.entries.filter(entry => entry.kind === 'line' && entry.end === 'stored');
  // Fetched twice after a lost connection, and delivered to a second mailbox: the message is the same one.
  addAgain(script, mails, 40);
  addAgain(script, mails, 180);
  const copied = mails[90]!;
  if (copied.kind === 'mail')
    script.entries.push({
      ...copied,
      at: copied.at + hours(0.05),
      end: 'duplicate',
      mailbox: staff.maya.address,
      owner: staff.maya,
    });
  // A webhook that was called again because the answer took too long.
  addAgain(script, lines, 60);
  addAgain(script, lines, 300);
}

function addAgain(script: Script, entries: readonly Entry[], index: number): void {
  const entry = entries[index]!;
  // The bytes are those of the first arrival, its date included.
  const again = { at: Math.min(entry.at + hours(1), 0.9995), end: 'duplicate' as const };
  script.entries.push({ ...entry, ...again });
}
