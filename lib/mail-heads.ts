/**
 * The lines of a mail's text below which another mail is repeated: an attribution ("On Monday, Ann wrote:"), a separator
 * ("-----Original Message-----", "Begin forwarded message:"), or From, Sent, To and Subject once more.
 *
 * Known in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Czech, Russian, Turkish, Finnish, the Nordic languages,
 * Chinese, Japanese and Korean; an attribution that names an address and a time, marked lines below it, in any language. Each pattern
 * is anchored and meets lines of bounded length only.
 */

export interface Head {
  /** What is below a `forward` was passed on; below the others it is, most often, answered. */
  readonly kind: 'attribution' | 'quote' | 'forward';
  /** How many lines it takes. */
  readonly lines: number;
}

/** Longer lines are prose. UTF-16 units. */
const characters_max = 300;
/** An attribution may be wrapped over this many lines, and a separator of Lotus Notes. */
const attribution_lines_max = 3;
const notes_lines_max = 3;
/** A repeated mail's headers, below its separator. */
const repeated_headers_max = 12;
/** Within so many lines the headers of a mail that no separator announces stand. */
const header_block_lines = 6;

/** Of a text without runs of empty lines, no more than these from `at` on tell whether a head begins there. */
export const head_lines_max = 16;

/** The head that begins at the line `at`; null where none does. */
export function headAt(lines: readonly string[], at: number): Head | null {
  const line = lines[at] ?? '';
  if (line.length > characters_max || isBlank(line)) return null;
  const attribution = attributionLength(lines, at);
  if (attribution > 0) return { kind: 'attribution', lines: attribution };
  const separator = separatorAt(lines, at);
  if (separator !== null) return { kind: separator.kind, lines: withHeaders(lines, at, separator.lines) };
  return beginsHeaderBlock(lines, at) ? { kind: 'quote', lines: 1 } : null;
}

/** Begins with `>`, wherever it stands. */
export function isQuotedLine(line: string): boolean {
  // Cheap first: most lines begin with a letter.
  const first = line.charCodeAt(0);
  return first === 0x3e || ((first === 0x20 || first === 0x09) && /^[ \t]{1,3}>/.test(line));
}

export function nextNonBlank(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && isBlank(lines[at] ?? '')) at++;
  return at;
}

const isBlank = (line: string): boolean => line.trim() === '';
const isSpace = (code: number): boolean => code === 0x20 || code === 0x09;

// ── A separator, or the headers themselves ───────────────────────────────────────────────────────────────────────────

const quote_separator =
  /^[ \t]*[-_=*]{2,}[ \t]*(?:original message|original appointment|urspr(?:ü|ue)ngliche nachricht|message (?:d['’]origine|original)|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|wiadomo[śs][ćc] oryginalna|ursprungligt meddelande|opprinnelig melding|oprindelig meddelelse|p[ůu]vodn[íi] zpr[áa]va|исходное сообщение|alkuperäinen viesti|orijinal (?:mesaj|ileti)|元のメッセージ|邮件原件|原始邮件|원본 메시지)[ \t]*[-_=*]{2,}[ \t]*$/i;
const forward_separator =
  /^[ \t]*[-_=*]{2,}[ \t]*(?:forwarded (?:message|by .{1,150})|weitergeleitete nachricht|message transf[ée]r[ée]|mensaje reenviado|messaggio inoltrato|mensagem encaminhada|doorgestuurd bericht|пересылаемое сообщение)[ \t]*[-_=*]{2,}[ \t]*$/i;
const forwarding =
  /^[ \t]*(?:begin forwarded message|anfang der weitergeleiteten (?:e-mail|nachricht)|d[ée]but du message (?:r[ée]exp[ée]di[ée]|transf[ée]r[ée])|inicio del mensaje reenviado|inizio messaggio inoltrato|in[íi]cio da mensagem (?:encaminhada|reenviada)|begin doorgestuurd bericht)[ \t]*:?[ \t]*$/i;

function separatorAt(lines: readonly string[], at: number): Head | null {
  const line = lines[at] ?? '';
  if (forwarding.test(line)) return { kind: 'forward', lines: 1 };
  // Cheap first: most lines have no rule.
  if (!/^[ \t]*[-_=*]{2}/.test(line)) return null;
  if (forward_separator.test(line)) return { kind: 'forward', lines: 1 };
  if (quote_separator.test(line)) return { kind: 'quote', lines: 1 };
  const notes = notesSeparatorLength(lines, at);
  return notes > 0 ? { kind: 'forward', lines: notes } : null;
}

/** Lotus Notes breaks its separator where a line is full: its lines, or 0 where it is none. */
function notesSeparatorLength(lines: readonly string[], at: number): number {
  if (!/^[ \t]*[-_=*]{5,}[ \t]*forwarded by /i.test(lines[at] ?? '')) return 0;
  const closing = lines.slice(at, at + notes_lines_max).findIndex(line => /[-_=*]{2}[ \t]{0,9}$/.test(line));
  return Math.max(0, closing) + 1;
}

/** How many lines the separator takes, which is of so many from `at`, with the headers below it. */
function withHeaders(lines: readonly string[], at: number, separator_lines: number): number {
  let length = separator_lines;
  while (length <= repeated_headers_max && /^[ \t]*(?:[\p{L} -]{2,20}:|$)/u.test(lines[at + length] ?? 'x')) length++;
  return length;
}

const header_from =
  /^[ \t]*\*?(?:from|von|de|da|van|od|från|fra|от|odes[íi]latel|lähettäjä|kimden|gönderen|差出人|发件人|寄件者|보낸 사람)[ \t]*[:：]\*?[ \t]*\S/i;
const header_sent =
  /^[ \t]*\*?(?:sent|date|gesendet|datum|envoy[ée]|enviado(?: el| em)?|fecha|inviato|data|verzonden|wys[łl]ano|skickat|sendt|отправлено|дата|odesl[áa]no|lähetetty|päiväys|gönderildi|gönderme tarihi|tarih|送信日時|日時|发送时间|发送日期|日期|寄件日期|보낸 날짜|날짜)[ \t]*[:：]/i;
const header_to =
  /^[ \t]*\*?(?:to|an|à|a|para|aan|do|till|til|кому|komu|vastaanottaja|kime|宛先|收件人|收件者|받는 사람)[ \t]*[:：]/i;
const header_subject =
  /^[ \t]*\*?(?:subject|betreff|objet|asunto|oggetto|assunto|onderwerp|temat|ämne|emne|тема|p[řr]edm[ěe]t|aihe|konu|件名|主题|主題|主旨|제목)[ \t]*[:：]/i;

/** Outlook quotes without marks, below the headers of what it quotes. A journey has From, To and Date as well, but neither subject nor address. */
function beginsHeaderBlock(lines: readonly string[], at: number): boolean {
  const from = lines[at] ?? '';
  if (!header_from.test(from)) return false;
  const block = lines.slice(at + 1, at + header_block_lines);
  const has = (header: RegExp): boolean => block.some(line => header.test(line));
  const hasSubject = has(header_subject);
  return has(header_sent) ? hasSubject || from.includes('@') : hasSubject && has(header_to);
}

// ── An attribution ───────────────────────────────────────────────────────────────────────────────────────────────────

const attribution_verb =
  /(?<!\p{L})(?:wrote|writes|said|schrieb|a écrit|escribi[óo]|ha scritto|escreveu|schreef|skrev|pisze|napisa[łl]a?)(?!\p{L})|写道/iu;
/** Words that an attribution begins with and little else. */
const attribution_opening = /^[ \t]*(?:on|am|le|el|il|em|op|den|w dniu|dnia|p[åa])[ \t]/i;
const attribution_start = /^[ \t]*(?:on|am|le|el|il|em|op|den|w dniu|dnia|p[åa]|\S.{0,80}@|.{0,40}\d{4}|.{0,60}<)/i;
const has_time = /\d{1,2}[:.]\d{2}/;
const has_address_or_date = /@|\d{1,2}:\d{2}|\b(?:19|20)\d{2}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2}/;

/** How many lines from `at` are an attribution; 0 where they are not. */
function attributionLength(lines: readonly string[], at: number): number {
  for (let count = 1; count <= attribution_lines_max; count++) {
    const line = lines[at + count - 1];
    if (line === undefined || line.length > characters_max || isBlank(line)) return 0;
    if (count > 1 && isQuotedLine(line)) return 0;
    if (!endsInColon(line)) continue;
    const joined = lines.slice(at, at + count).join(' ');
    return isAttribution(joined, lines, at + count) && !beginsLater(lines, at, count) ? count : 0;
  }
  return 0;
}

/** Looked at in every line: quicker than a pattern. */
function endsInColon(line: string): boolean {
  let end = line.length - 1;
  while (end >= 0 && isSpace(line.charCodeAt(end))) end--;
  const last = line.charCodeAt(end);
  return last === 0x3a || last === 0xff1a;
}

/** The attribution begins below the first of these lines, which then are the writer's. */
function beginsLater(lines: readonly string[], at: number, count: number): boolean {
  let before = '';
  for (let next = at + 1; next < at + count; next++) {
    before += ` ${lines[next - 1] ?? ''}`;
    if (/[.!?…][ \t]{0,9}$/.test(before)) return true;
    if (attribution_opening.test(before)) continue;
    if (attribution_opening.test(lines[next] ?? '') || !has_address_or_date.test(before)) return true;
  }
  return false;
}

function isAttribution(line: string, lines: readonly string[], below: number): boolean {
  const isVerb = attribution_verb.test(line);
  if (!isVerb && !(line.includes('@') && has_time.test(line))) return false;
  // "Ann said:" is one only where a quotation follows, as one without a verb; with both a verb and an address or a date it is one in any case.
  if (isQuotedLine(lines[nextNonBlank(lines, below)] ?? '')) return true;
  return isVerb && attribution_start.test(line) && has_address_or_date.test(line);
}
