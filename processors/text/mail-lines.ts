/** Lines that part a mail: closings, what programs add, disclaimers. Each pattern is anchored and meets lines of bounded length only. */

/** A parting phrase alone on its line says nothing of the mail's tone: "Best regards" is no praise. */
export const closing =
  /^(?:(?:(?:with |my )?(?:best|kind|kindest|warm|warmest|many|sincere) )?(?:regards|wishes)|(?:thanks|thank you|cheers) (?:and|&) (?:best |kind )?regards|(?:yours )?(?:sincerely|faithfully|truly|respectfully)(?: yours)?|respectfully|best|all the best|rgds|br|(?:mit )?(?:freundliche[nmr]?|beste[nm]?|herzliche[nm]?|vielen?|schöne[nm]?|liebe[nmr]?) (?:grüße[n]?|grüsse[n]?|gruß|gruss)|(?:viele|beste|liebe|schöne|herzliche) (?:grüße|grüsse)|mfg|vg|lg|hochachtungsvoll|(?:bien )?cordialement|(?:bien )?à vous|(?:meilleures|cordiales) salutations|(?:un )?saludos?(?: cordiales)?|atentamente|un cordial saludo|(?:cordiali|distinti) saluti|atenciosamente|cumprimentos|abraços|met (?:vriendelijke|hartelijke) groet(?:en)?|groeten|pozdrawiam|z poważaniem|(?:med )?(?:vänliga?|bästa) hälsning(?:ar)?|(?:med )?(?:vennlig|venlig) hilsen|mvh|hilsen)$/i;

/** Thanks are the writer's words; his name may stand below them. */
export const thanking =
  /^(?:many thanks|thanks(?: (?:a lot|again|so much|in advance|for your (?:help|time)))?|thank you(?: (?:very much|so much|again|in advance))?|thx|cheers|take care|talk soon|love|danke|vielen dank(?: im voraus)?|merci(?: d'avance)?|gracias|grazie|obrigad[oa]|bedankt|dziękuję|tack)$/i;

const parting_chars_max = 45;

/** "Kind regards" or "Thanks" alone. */
export function isParting(line: string): boolean {
  if (line.length > parting_chars_max) return false;
  const phrase = line.replace(/[\s,.!]{1,9}$/, '');
  return closing.test(phrase) || thanking.test(phrase);
}

/** What the writer adds below his name is his again. */
export const postscript = /^p\.?\s?p?\.?\s?s\.?(?:\s?[:.,–-]\s?|\s)\S/i;

/** What a phone or a program adds. */
export const device =
  /^(?:sent from (?:my|mail for|outlook|yahoo|the)\b|get outlook for\b|von meinem .{1,30} gesendet|gesendet von\b|envoyé (?:de|depuis) mon\b|enviado (?:desde|do) (?:mi|meu)\b|inviato da(?:l mio)?\b|verzonden vanaf\b)/i;

export const disclaimer =
  /(?:(?:e-?mail|message|communication|transmission|information)\b.{0,120}\b(?:confidential|privileged|intended (?:solely|only|for))|confidentiality notice|(?:not|are not) the (?:intended|named) (?:recipient|addressee)|received (?:this|it) .{0,30}in error|diese e-?mail .{0,80}vertraulich|vertrauliche .{0,40}informationen|ce (?:message|courriel) .{0,80}confidentiel|este (?:mensaje|correo) .{0,80}confidencial|questo messaggio .{0,80}riservat|(?:dit bericht|deze e-?mail) .{0,80}vertrouwelijk|virus-free\b|think before you print|consider the environment before|to unsubscribe from this|you received this (?:message|email) because|unsubscribe from this (?:group|list))/i;

/** What a mail server puts above a stranger's words. */
export const banner =
  /^[\W_]{0,9}(?:(?=.{0,200}\b(?:e-?mail|message|sender|nachricht|absender)\b)(?:caution|warning|attention|achtung|vorsicht|notice|external(?: (?:e-?mail|sender|message))?)\b.{0,40}\b(?:originated|outside|external|extern\w{0,3}|unbekannt\w{0,3})\b|this (?:e-?mail|message) (?:originated|was sent|came) (?:from )?outside\b|you don['’]t often get e-?mail from\b|\[?external(?: e-?mail| sender)?\]?\W{0,9}$)/i;
