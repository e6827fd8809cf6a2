import { describe, expect, it } from 'vitest';
import { acme, email } from '../test-records.ts';
import { enrichMail } from './index.ts';
import { interactionOf } from './interaction.ts';

type Given = Parameters<typeof email>[0];
const understand = (given: Given) => enrichMail(email(given), acme);
const from = (address: string) => ({ from: { name: '', address } });

describe('automatic', () => {
  it.each<[kind: string, why: string, given: Given]>([
    ['bounce', 'a delivery report', { headers: { 'content-type': 'multipart/report; report-type=delivery-status' } }],
    ['bounce', 'an Exim bounce', { headers: { 'x-failed-recipients': 'a@b.test' } }],
    ['bounce', 'a mail server from nowhere', { headers: { 'return-path': '<>' }, ...from('mailer-daemon@mx.test') }],
    ['bounce', 'German', { subject: 'Unzustellbar: Ihr Angebot', ...from('postmaster@mx.test') }],
    ['bounce', 'French', { subject: 'Non remis : Offre', ...from('postmaster@mx.test') }],
    ['bounce', 'a failure told from nowhere', { subject: 'Undeliverable: Quote', headers: { 'return-path': '<>' } }],
    ['auto_reply', 'RFC 3834', { headers: { 'auto-submitted': 'auto-replied (vacation)' } }],
    ['auto_reply', 'an old responder', { headers: { 'x-autoreply': 'yes' } }],
    ['auto_reply', 'precedence', { headers: { precedence: 'auto_reply' } }],
    ['auto_reply', 'English', { subject: 'Automatic reply: Quote' }],
    ['auto_reply', 'German', { subject: 'Abwesenheitsnotiz: Angebot' }],
    ['auto_reply', 'French', { subject: 'Réponse automatique : Offre' }],
    ['auto_reply', 'Spanish', { subject: 'Respuesta automática: Oferta' }],
    ['auto_reply', 'Danish', { subject: 'Automatisk svar: Tilbud' }],
    ['auto_reply', 'Russian', { subject: 'Автоматический ответ: Счёт' }],
    ['auto_reply', 'Japanese', { subject: '自動応答: 見積' }],
    ['auto_reply', 'Chinese', { subject: '自动回复：报价' }],
    ['bounce', 'Russian', { subject: 'Не доставлено: Счёт', ...from('postmaster@mx.test') }],
    [
      'auto_reply',
      'words alone',
      {
        subject: 'Re: Quote',
        in_reply_to: '<1@acme.test>',
        text: 'I am out of the office until Monday with limited access to mail.',
      },
    ],
    ['newsletter', 'a list', { headers: { 'list-id': '<news.test>', 'list-unsubscribe': '<mailto:u@news.test>' } }],
    ['newsletter', 'its sender', from('newsletter@shop.test')],
    [
      'newsletter',
      'its last lines',
      { text: 'New: https://a.test/1\nhttps://a.test/2\n\nYou are receiving this because you signed up.' },
    ],
    ['notification', 'a program', { headers: { 'auto-submitted': 'auto-generated' } }],
    ['notification', 'no reply wanted', from('no-reply@tool.test')],
    ['', 'a person', { subject: 'Quote', text: 'Could you send a quote?' }],
    ['', 'a person who is away soon', { text: 'I will be out of the office next week, so let us talk on Friday.' }],
    ['', 'auto-submitted: no', { headers: { 'auto-submitted': 'no' } }],
    ['', 'an answer on a list', { headers: { 'list-id': '<l.test>' }, in_reply_to: '<1@a.test>', subject: 'Re: x' }],
    ['', 'talk of deliveries', { subject: 'Delivery failed again', text: 'The parcel did not come.' }],
  ])('%j: %s', (kind, _, given) => {
    expect(understand(given).automatic).toBe(kind);
  });

  it('marks what it finds on the timeline, by words as by headers', () => {
    const rows = (given: Given) => {
      const mail = email(given);
      return interactionOf({ email: mail, ...enrichMail(mail, acme) }, acme).map(({ automatic }) => automatic);
    };
    expect(rows({ subject: 'Abwesenheitsnotiz: Angebot' })).toEqual([true]);
    expect(rows({ headers: { 'x-autoreply': 'yes' } })).toEqual([true]);
    expect(rows({ subject: 'Angebot' })).toEqual([false]);
  });
});

describe('unsubscribes', () => {
  it.each<[boolean, Given]>([
    [true, { subject: 'Unsubscribe' }],
    [true, { text: 'Please remove me from your list.' }],
    [true, { text: 'Bitte tragen Sie mich aus dem Verteiler aus, keine weiteren Mails.' }],
    [true, { text: 'Merci de me désinscrire.' }],
    [true, { text: 'Quiero darme de baja.' }],
    [false, { text: 'Could you send a quote?' }],
    [false, { text: 'The unsubscribe link in our newsletter is broken, can you help?' }],
    [false, { headers: { 'list-id': '<n.test>' }, text: 'To leave, unsubscribe here.' }],
    [false, { text: `${'We talked about the plan and its price. '.repeat(10)} Remove me from the invite.` }],
  ])('%j for %j', (expected, given) => {
    expect(understand(given).unsubscribes).toBe(expected);
  });
});
