/**
 * Mail that no person wrote, and of which kind: a bounce, an automatic reply, a newsletter, a notification. By its headers, its sender's
 * name, and where programs leave these out, by what such mail says in several languages.
 */
import type { Email } from '../../schemas/generated.ts';
import { Phrases } from '../text/phrases.ts';
import type { Tokens } from '../text/tokens.ts';
import type { MailReading } from './reading.ts';
import {
  isAutoReply,
  isAutoSubmitted,
  isBounce,
  isBulk,
  isFromNowhere,
  isMachineName,
  isNewsletterName,
} from './sender.ts';

export type Automatic = '' | 'bounce' | 'auto_reply' | 'newsletter' | 'notification';

/** Tokens of a text's beginning in which an absence or a failure is told. */
const opening_tokens_max = 80;
/** Tokens of a newsletter's end in which it tells how to leave it. */
const closing_tokens_max = 120;
/** A request to be taken off a list has no more words. */
const unsubscribe_words_max = 40;
const links_newsletter_min = 2;

export function automaticOf(email: Email, reading: MailReading): Automatic {
  const { headers, from, in_reply_to } = email;
  const { subject, body } = reading;
  if (isBounce(email) || (isMachineName(from.address) && failures.find(subject, 0, subject.count) >= 0))
    return 'bounce';
  if (isAutoReply(headers) || auto_reply_subjects.begin(subject)) return 'auto_reply';
  if (failures.begin(subject) && isFromNowhere(headers)) return 'bounce';
  if (isAbsence(body)) return 'auto_reply';
  // A person writes to a list, too; what a list tells all of its readers answers nobody.
  if (isBulk(headers)) return in_reply_to === null && !isDiscussion(email, reading) ? 'newsletter' : '';
  if (isAutoSubmitted(headers) || isFromNowhere(headers)) return 'notification';
  if (in_reply_to !== null) return '';
  if (isNewsletterName(from.address) || isLeavable(reading)) return 'newsletter';
  if (isMachineName(from.address) || headers['x-auto-response-suppress'] !== undefined) return 'notification';
  return headers['feedback-id'] === undefined ? '' : 'newsletter';
}

/** It asks, in few words, to be taken off a list. */
export function unsubscribes({ subject, body, body_form }: MailReading, automatic: Automatic): boolean {
  if (automatic !== '' || body_form.words > unsubscribe_words_max) return false;
  if (leaving.begin(subject) && subject.count <= 4) return true;
  return leaving.find(body, 0, body.count) >= 0 && !mentions.test(body.text);
}

/** A list that its readers may write to, and no link to leave it but its own. */
function isDiscussion({ headers, subject }: Email, { body_form }: MailReading): boolean {
  const posts = headers['list-post'];
  return (
    posts !== undefined &&
    !posts.trim().toLowerCase().startsWith('no') &&
    (/^(?:re|aw)\b/i.test(subject) || body_form.questions > 0)
  );
}

/** Two things that a person who is away would hardly both write by hand. */
function isAbsence(body: Tokens): boolean {
  const end = Math.min(body.count, opening_tokens_max);
  const away = absences.find(body, 0, end);
  return away >= 0 && absence_details.find(body, 0, end) >= 0;
}

/** It has links, and tells at its end how to leave. */
function isLeavable({ body, body_form }: MailReading): boolean {
  if (body_form.links < links_newsletter_min && body_form.words < unsubscribe_words_max) return false;
  return footers.find(body, Math.max(0, body.count - closing_tokens_max), body.count) >= 0;
}

const failures = new Phrases([
  ...['undeliverable', 'undelivered', 'returned mail', 'delivery status', 'delivery failure', 'delivery failed'],
  ...['failure notice', 'mail delivery', 'delivery notification', 'could not be delivered', 'delivery has failed'],
  ...['unzustellbar', 'nicht zugestellt', 'nicht zustellbar', 'zustellung', 'non remis', 'échec de la remise'],
  ...[
    'non délivré',
    'no se pudo entregar',
    'no entregado',
    'no se puede entregar',
    'mancato recapito',
    'mancata consegna',
  ],
  ...[
    'onbestelbaar',
    'niet bezorgd',
    'não entregue',
    'não foi possível entregar',
    'kunde inte levereras',
    'niedostarczona',
  ],
  ...[
    'kan ikke leveres',
    'kunne ikke leveres',
    'nedoručitelné',
    'kézbesíthetetlen',
    'teslim edilemedi',
    'не доставлено',
  ],
  ...['не удается доставить', '配信不能', '无法送达', '無法傳遞', '배달할 수 없음'],
]);

const auto_reply_subjects = new Phrases([
  ...[
    'automatic reply',
    'auto reply',
    'autoreply',
    'auto response',
    'automatic response',
    'out of office',
    'out of the office',
  ],
  ...['automatische antwort', 'abwesenheitsnotiz', 'abwesend', 'abwesenheit', 'nicht im büro', 'réponse automatique'],
  ...['absence du bureau', 'absent du bureau', 'respuesta automática', 'fuera de la oficina', 'risposta automatica'],
  ...[
    'fuori ufficio',
    'automatisch antwoord',
    'automatisch antwoordbericht',
    'afwezig',
    'resposta automática',
    'autosvar',
  ],
  ...[
    'automatisk svar',
    'automatiskt svar',
    'automatická odpověď',
    'automatikus válasz',
    'otomatik yanıt',
    'răspuns automat',
  ],
  ...[
    'автоматический ответ',
    'автоответ',
    'автоматична відповідь',
    'αυτόματη απάντηση',
    '自動応答',
    '自動返信',
    '自动回复',
    '自動回覆',
    '자동 회신',
  ],
  ...['fora do escritório', 'automatyczna odpowiedź', 'automaattinen vastaus', 'away from my mail'],
]);

const absences = new Phrases([
  ...[
    'out of the office',
    'out of office',
    'on annual leave',
    'on vacation',
    'on parental leave',
    'on maternity leave',
  ],
  ...['away from my desk', 'away from the office', 'nicht im büro', 'nicht im hause', 'im urlaub', 'absent du bureau'],
  ...['en congé', 'fuera de la oficina', 'de vacaciones', 'fuori ufficio', 'in ferie', 'niet op kantoor', 'afwezig'],
  ...['fora do escritório', 'de férias', 'automatic reply', 'automated reply', 'automatically generated reply'],
]);
const absence_details = new Phrases([
  ...[
    'limited access',
    'no access to',
    'upon my return',
    'on my return',
    'when i return',
    'in urgent cases',
    'for urgent matters',
  ],
  ...[
    'if your matter is urgent',
    'if it is urgent',
    'for anything urgent',
    'your mail will not be forwarded',
    'until further notice',
  ],
  ...[
    'your message is important',
    'automatic reply',
    'automated reply',
    'automatically generated',
    'in dringenden fällen',
  ],
  ...[
    'nicht weitergeleitet',
    'nach meiner rückkehr',
    'vertretung',
    "en cas d'urgence",
    'à mon retour',
    'en caso de urgencia',
  ],
  ...[
    'a mi regreso',
    'in caso di urgenza',
    'al mio rientro',
    'bij dringende',
    'bij mijn terugkeer',
    'em caso de urgência',
  ],
]);

const footers = new Phrases([
  ...[
    'unsubscribe',
    'to be removed from this list',
    'you are receiving this',
    'you received this email because',
    'opt out',
  ],
  ...['manage your subscription', 'email preferences', 'view in your browser', 'abbestellen', 'newsletter abmelden'],
  ...['se désabonner', 'vous désabonner', 'se désinscrire', 'darse de baja', 'cancelar la suscripción', 'disiscriviti'],
  ...['annulla iscrizione', 'uitschrijven', 'afmelden', 'cancelar a subscrição', 'cancelar inscrição'],
]);

const leaving = new Phrases([
  ...[
    'unsubscribe',
    'remove me',
    'take me off',
    'stop sending me',
    'stop emailing me',
    'stop mailing me',
    'opt me out',
  ],
  ...['opt out', 'remove my address', 'remove my email', 'delete me from', 'do not send me any more', 'no more mails'],
  ...[
    'abmelden',
    'bitte austragen',
    'tragen sie mich aus',
    'keine weiteren mails',
    'keine mails mehr',
    'newsletter abbestellen',
  ],
  ...['désabonner', 'désinscrire', 'désabonnez moi', 'me désinscrire', 'darme de baja', 'baja de la lista'],
  ...[
    'cancelar mi suscripción',
    'cancellatemi',
    'cancellami',
    'disiscrivermi',
    'uitschrijven',
    'uitgeschreven',
    'afmelden',
  ],
  ...['cancelar a minha', 'remova meu', 'avregistrera', 'wypisać'],
]);

/** Who asks how leaving works, or speaks of others who leave, does not leave himself. */
const mentions = /\b(?:unsubscribe (?:button|link|page|rate|header|feature)|our (?:customers|subscribers|users))\b/i;
