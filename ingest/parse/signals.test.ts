import { describe, expect, it } from 'vitest';
import { parseMail } from './mail.ts';
import { signalsOf } from './signals.ts';

const kept_in = { folder: 'INBOX', file_name: '' };
const of = (headers: Record<string, string>, file_name = '') =>
  signalsOf(
    Object.entries(headers).map(([name, value]) => ({ name, value })),
    { ...kept_in, file_name },
  );
const says = (replied: boolean | null, starred: boolean | null, opened: boolean | null) => ({
  ...{ replied, starred, opened },
});
const unsaid = says(null, null, null);

describe('signalsOf', () => {
  it.each([
    ['Inbox,Important,Opened,Starred', says(null, true, true)],
    ['Inbox,Opened', says(null, false, true)],
    ['Inbox,Unread,Category Promotions', says(null, false, false)],
    // It was opened, and then marked as unread again.
    ['Unread,Opened', says(null, false, true)],
    ['=?UTF-8?Q?Entw=C3=BCrfe_2,Opened,?= =?UTF-8?Q?Starred?=', says(null, true, true)],
    ['=?UTF-8?B?T3BlbmVkLENhZsOp?=', says(null, false, true)],
    // Of a label of the user's own, and of the labels in a language that is not known, nothing follows.
    ['Starred by Bob,Inbox', unsaid],
    ['=?UTF-8?Q?Bo=C3=AEte_de_r=C3=A9ception,Non_lus?=', unsaid],
    ['Inbox,"Clients,Starred,old",Opened', says(null, false, true)],
    ['Starred', says(null, true, null)],
    ['Sent,Opened', unsaid],
    ['Spam,Unread', unsaid],
    ['Trash,Opened', unsaid],
  ])('reads X-Gmail-Labels: %s', (value, expected) => {
    expect(of({ 'x-gmail-labels': value })).toEqual(expected);
  });

  it.each([
    ['0000', says(false, false, false)],
    ['0001', says(false, false, true)],
    ['0003', says(true, false, true)],
    ['1005', says(false, true, true)],
    ['0009', unsaid],
    ['yes!', unsaid],
  ])('reads X-Mozilla-Status: %s', (value, expected) => {
    expect(of({ 'x-mozilla-status': value, 'x-mozilla-status2': '00000000' })).toEqual(expected);
  });

  it.each([
    ['1204680000.M1P2.host:2,FRS', says(true, true, true)],
    ['1204680000.M1P2.host,S=12,W=14:2,S', says(false, false, true)],
    ['1204680000.M1P2.host:2,', says(false, false, false)],
    ['1204680000.M1P2.host!2,RSa', says(true, false, true)],
    ['1204680000.M1P2.host:2,ST', unsaid],
    ['1204680000.M1P2.host:2,DS', unsaid],
    ['1204680000.M1P2.host:1,S', unsaid],
    ['1204680000.M1P2.host', unsaid],
  ])('reads the name of a file of a maildir: %s', (name, expected) => {
    expect(of({}, name)).toEqual(expected);
  });

  it.each([
    [{ status: 'RO', 'x-status': 'AF' }, says(true, true, true)],
    [{ status: 'RO', 'x-status': '' }, says(false, false, true)],
    [{ status: 'O' }, says(null, null, false)],
    [{ status: '' }, says(null, null, false)],
    [{ status: 'RO' }, says(null, null, true)],
    [{ 'x-status': 'F' }, says(false, true, null)],
    [{ status: 'RO', 'x-status': 'D' }, unsaid],
    [{ status: 'delivered to the neighbour' }, unsaid],
    [{ status: 'New' }, unsaid],
  ])('reads Status and X-Status: %o', (headers, expected) => {
    expect(of(headers)).toEqual(expected);
  });

  it('says nothing where nothing is stated', () => {
    expect(of({ subject: 'Hello' })).toEqual(unsaid);
  });

  it.each([
    ['.Junk', unsaid],
    ['Maildir/.INBOX.Sent', unsaid],
    ['export/Junk/2024', unsaid],
    ['Spam.mbox.gz', unsaid],
    ['Sent Items', unsaid],
    ['All mail Including Spam and Trash.mbox', says(true, false, true)],
    ['.Sent.2024', unsaid],
    ['Sentinel/Customers', says(true, false, true)],
    ['', says(true, false, true)],
  ])('hears nothing of a folder of what was sent or is not wanted: %s', (folder, expected) => {
    expect(signalsOf([{ name: 'x-mozilla-status', value: '0003' }], { folder, file_name: '' })).toEqual(expected);
  });

  it('hears the exporter alone, and of equal headers the one that the program added', () => {
    expect(of({ 'x-gmail-labels': 'Inbox,Unread', status: 'RO', 'x-status': 'F' })).toEqual(says(null, false, false));
    const twice = ['F', ''].map(value => ({ name: 'x-status', value }));
    expect(signalsOf(twice, kept_in)).toEqual(says(false, false, null));
  });

  it('hears no sender of a mail that came by servers', () => {
    const received = 'from mx.stranger.test by mx.acme.test; Fri, 1 Mar 2024 12:00:00 +0000';
    expect(of({ received, 'x-gmail-labels': 'Inbox,Starred,Opened' })).toEqual(unsaid);
    expect(of({ received, 'x-mozilla-status': '0007' })).toEqual(unsaid);
    expect(of({ received, 'x-gmail-labels': 'Starred', status: 'RO', 'x-status': '' })).toEqual(
      says(false, false, true),
    );
    expect(of({ 'x-gmail-labels': 'Inbox,Unread', received })).toEqual(says(null, false, false));
    // In a maildir, looked at or not.
    const forged = { 'x-gmail-labels': 'Starred,Opened', 'x-mozilla-status': '0007', status: 'RO', 'x-status': 'AF' };
    expect(of(forged, '1204680000.M1P2.host:2,')).toEqual(says(false, false, false));
    expect(of(forged, '1204680000.M1P2.host')).toEqual(unsaid);
  });

  it('takes time that grows with the header alone, and no header that is longer than any', () => {
    const began_ms = performance.now();
    for (const part of ['=?UTF-8?Q?', '?= =?', ' ', '=', ',']) {
      expect(of({ 'x-gmail-labels': part.repeat(4_096 / part.length) })).toEqual(unsaid);
    }
    expect(of({ 'x-gmail-labels': `Starred,${'x'.repeat(5_000)}` })).toEqual(unsaid);
    expect(performance.now() - began_ms).toBeLessThan(500);
  });
});

describe('parseMail', () => {
  const owner = { organization_id: 'org', mailbox: '', owner_id: '', team_id: '' };
  const raw = Buffer.from('X-Gmail-Labels: Starred,Opened\r\nFrom: a@b.example\r\n\r\nHello\r\n');

  it('hears a mailbox, and no mail that was handed in by whoever wrote it', async () => {
    const kept = await parseMail(raw, { ...owner, now_ms: 0, kept_in });
    expect(kept).toMatchObject({ email: { signals: says(null, true, true) } });
    const handed_in = await parseMail(raw, { ...owner, now_ms: 0 });
    expect(handed_in).toMatchObject({ email: { signals: unsaid } });
  });
});
