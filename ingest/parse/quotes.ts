/**
 * Tells a writer's own words from what the mail quotes or forwards, line by line.
 *
 * - A line that begins with `>` is quoted, wherever it stands: answers between quoted lines stay the writer's own.
 * - An attribution ("On Monday, Ann wrote:") is quoted, and so is the head of a repeated mail
 *   ("-----Original Message-----", a forwarding line, or From, Sent, To, Subject once more).
 * - Where marked lines follow such a head, by `>` or by a mark of the writer's own (`|`, `--]`), the quotation is the
 *   marked lines. Where none do (many clients quote without marks), it is everything below.
 *
 * Heads are known in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Czech, Russian, Turkish, Finnish, the Nordic
 * languages, Chinese, Japanese and Korean; an attribution that names an address and a time, marked lines below it, in any language.
 */

export interface SplitText {
  own: string;
  quoted: string;
}

/** An attribution may be wrapped over this many lines. */
const attribution_lines_max = 3;
/** A repeated mail's headers, below its separator. */
const repeated_headers_max = 12;
/** Below a head, a quotation with `>` begins within this many lines ("<snip>" may come first). */
const marked_lines_within = 5;
/** Longer lines are prose. */
const head_characters_max = 300;

export function splitQuotes(text: string): SplitText {
  const lines = text.split(/\r?\n/);
  const own: string[] = [];
  const quoted: string[] = [];
  /** A mark other than `>`, known from the lines below an attribution. */
  let mark: string | null = null;
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (isQuotedLine(line) || (mark !== null && line.trimStart().startsWith(mark))) {
      quoted.push(line);
      at++;
      continue;
    }
    const headLength = attributionLength(lines, at) || repeatedHeadLength(lines, at);
    if (headLength === 0) {
      own.push(line);
      at++;
      continue;
    }
    const below = nextNonBlank(lines, at + headLength);
    mark = ownMark(lines, below) ?? mark;
    const isMarked =
      ownMark(lines, below) !== null || lines.slice(below, below + marked_lines_within).some(isQuotedLine);
    const end = isMarked ? at + headLength : lines.length;
    quoted.push(...ruleAbove(own));
    while (at < end) quoted.push(lines[at++] ?? '');
  }
  return { own: tidy(own), quoted: tidy(quoted) };
}

function isQuotedLine(line: string): boolean {
  // Cheap first: most lines begin with a letter.
  const first = line.charCodeAt(0);
  return first === 0x3e || ((first === 0x20 || first === 0x09) && /^[ \t]{1,3}>/.test(line));
}

const separator =
  /^[ \t]*[-_=*]{2,}[ \t]*(?:original message|original appointment|forwarded (?:message|by .{1,100})|urspr(?:ü|ue)ngliche nachricht|weitergeleitete nachricht|message (?:d['’]origine|original|transf[ée]r[ée])|mensaje (?:original|reenviado)|messaggio (?:originale|inoltrato)|mensagem (?:original|encaminhada)|oorspronkelijk bericht|doorgestuurd bericht|wiadomo[śs][ćc] oryginalna|ursprungligt meddelande|opprinnelig melding|oprindelig meddelelse|p[ůu]vodn[íi] zpr[áa]va|исходное сообщение|пересылаемое сообщение|alkuperäinen viesti|orijinal (?:mesaj|ileti)|元のメッセージ|邮件原件|原始邮件|원본 메시지)[ \t]*[-_=*]{2,}[ \t]*$/i;
const forwarding =
  /^[ \t]*(?:begin forwarded message|anfang der weitergeleiteten (?:e-mail|nachricht)|d[ée]but du message (?:r[ée]exp[ée]di[ée]|transf[ée]r[ée])|inicio del mensaje reenviado|inizio messaggio inoltrato|in[íi]cio da mensagem (?:encaminhada|reenviada)|begin doorgestuurd bericht)[ \t]*:?[ \t]*$/i;

/** Takes off the rule that Outlook draws above the head of what it quotes, an empty line between them at most. */
function ruleAbove(own: string[]): string[] {
  const at = (own.at(-1) ?? 'x').trim() === '' ? own.length - 2 : own.length - 1;
  return /^_{10,80}\s{0,9}$/.test(own[at] ?? '') ? own.splice(at) : [];
}

/** How many lines from `at` are the head of a repeated mail; 0 where they are not. */
function repeatedHeadLength(lines: string[], at: number): number {
  const line = lines[at] ?? '';
  if (line.length > head_characters_max) return 0;
  if (!separator.test(line) && !forwarding.test(line)) return beginsHeaderBlock(lines, at) ? 1 : 0;
  let length = 1;
  while (length <= repeated_headers_max && /^[ \t]*(?:[\p{L} -]{2,20}:|$)/u.test(lines[at + length] ?? 'x')) length++;
  return length;
}

/** A mark of punctuation that at least two lines from `at` begin with. */
function ownMark(lines: string[], at: number): string | null {
  const mark = /^[ \t]{0,3}([^\p{L}\p{N}\s"'(<>*[$€£-][^\p{L}\p{N}\s"']{0,2}|-+[\]>|])/u.exec(lines[at] ?? '')?.[1];
  return mark !== undefined && lines[at + 1]?.trimStart().startsWith(mark) ? mark : null;
}

const header_from =
  /^[ \t]*\*?(?:from|von|de|da|van|od|från|fra|от|odes[íi]latel|lähettäjä|kimden|gönderen|差出人|发件人|寄件者|보낸 사람)[ \t]*[:：]\*?[ \t]*\S/i;
const header_sent =
  /^[ \t]*\*?(?:sent|date|gesendet|datum|envoy[ée]|enviado(?: el| em)?|fecha|inviato|data|verzonden|wys[łl]ano|skickat|sendt|отправлено|дата|odesl[áa]no|lähetetty|päiväys|gönderildi|gönderme tarihi|tarih|送信日時|日時|发送时间|发送日期|日期|寄件日期|보낸 날짜|날짜)[ \t]*[:：]/i;
const header_subject =
  /^[ \t]*\*?(?:subject|betreff|objet|asunto|oggetto|assunto|onderwerp|temat|ämne|emne|тема|p[řr]edm[ěe]t|aihe|konu|件名|主题|主題|主旨|제목)[ \t]*[:：]/i;

/** Outlook quotes without marks, below the headers of what it quotes. A journey has From, To and Date as well, but neither subject nor address. */
function beginsHeaderBlock(lines: string[], at: number): boolean {
  if (!header_from.test(lines[at] ?? '')) return false;
  const block = lines.slice(at + 1, at + 6);
  if (!block.some(line => header_sent.test(line))) return false;
  return block.some(line => header_subject.test(line)) || (lines[at] ?? '').includes('@');
}

const attribution_verb =
  /(?<!\p{L})(?:wrote|writes|said|schrieb|a écrit|escribi[óo]|ha scritto|escreveu|schreef|skrev|pisze|napisa[łl]a?)(?!\p{L})|写道/iu;
/** Words that an attribution begins with and little else. */
const attribution_opening = /^[ \t]*(?:on|am|le|el|il|em|op|den|w dniu|dnia|p[åa])[ \t]/i;
const attribution_start = /^[ \t]*(?:on|am|le|el|il|em|op|den|w dniu|dnia|p[åa]|\S.{0,80}@|.{0,40}\d{4}|.{0,60}<)/i;
const has_time = /\d{1,2}[:.]\d{2}/;
const has_address_or_date = /@|\d{1,2}:\d{2}|\b(?:19|20)\d{2}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2}/;

/** How many lines from `at` are an attribution; 0 where they are not. */
function attributionLength(lines: string[], at: number): number {
  let joined = '';
  for (let count = 1; count <= attribution_lines_max; count++) {
    const line = lines[at + count - 1];
    if (line === undefined || line.trim() === '' || line.length > head_characters_max) return 0;
    if (count > 1 && isQuotedLine(line)) return 0;
    joined = joined === '' ? line : `${joined} ${line}`;
    if (!/[:：][ \t]*$/.test(line)) continue;
    return isAttribution(joined, lines, at + count) && !beginsLater(lines, at, count) ? count : 0;
  }
  return 0;
}

/** The attribution begins below the first of these lines, which then are the writer's. */
function beginsLater(lines: string[], at: number, count: number): boolean {
  let before = '';
  for (let next = at + 1; next < at + count; next++) {
    before += ` ${lines[next - 1] ?? ''}`;
    if (/[.!?…][ \t]{0,9}$/.test(before)) return true;
    if (attribution_opening.test(before)) continue;
    if (attribution_opening.test(lines[next] ?? '') || !has_address_or_date.test(before)) return true;
  }
  return false;
}

function isAttribution(line: string, lines: string[], below: number): boolean {
  const isVerb = attribution_verb.test(line);
  if (!isVerb && !(line.includes('@') && has_time.test(line))) return false;
  // "Ann said:" is one only where a quotation follows, as one without a verb; with both a verb and an address or a date it is one in any case.
  if (isQuotedLine(lines[nextNonBlank(lines, below)] ?? '')) return true;
  return isVerb && attribution_start.test(line) && has_address_or_date.test(line);
}

function nextNonBlank(lines: string[], from: number): number {
  let at = from;
  while (at < lines.length && (lines[at] ?? '').trim() === '') at++;
  return at;
}

/** Each step is linear: a regular expression for trailing blanks would be quadratic in a run of them. */
function tidy(lines: string[]): string {
  const trimmed = lines.map(line => line.trimEnd());
  const first = trimmed.findIndex(line => line !== '');
  if (first < 0) return '';
  return trimmed
    .slice(first)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd();
}
