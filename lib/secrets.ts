/** What must not leave the installation with a message: secrets by their value, people's data by how it looks. */

const secret_name = /(^|_)(password|secret|key)$/;
/** A shorter one would blot out half of every message. */
const secret_chars_min = 4;

/** The values of a configuration that are secrets by their settings' names, and the passwords in its URLs. */
export function secretsIn(value: unknown, name = ''): string[] {
  // What headers are called says nothing of what they hold.
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => secretsIn(inner, name === 'headers' ? 'secret' : key));
  if (typeof value !== 'string') return [];
  if (secret_name.test(name)) return [value];
  const password = URL.canParse(value) ? new URL(value).password : '';
  return password === '' ? [] : [password, decodeURIComponent(password)];
}

const chars_max = 500;
/** A longer one is cut before it is looked through. */
const read_chars_max = 10_000;

/** A message that may be told to others. What it quotes may be a mail's: only what reads like a name stays. */
export function scrubbed(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= secret_chars_min) clean = clean.replaceAll(secret, '[redacted]');
  // A quotation that is cut has no end to be found by.
  if (clean.length > read_chars_max) clean = clean.slice(0, read_chars_max).replace(/["'`].*$/s, '…');
  return (
    clean
      .replace(/\/\/[^\s/@]+@/g, '//')
      .replace(/\b(bearer|basic) \S+/gi, '$1 [redacted]')
      // To the last one: what is quoted may have quotes in it.
      .replace(/(?<!\w)"(.*)"/gs, quoted)
      .replace(/(?<!\w)'(.*?)'(?!\w)/gs, quoted)
      .replace(/`(.*?)`/gs, quoted)
      .replace(/[^\s<>"'@]{1,64}@[^\s<>"']+/g, '[address]')
      .slice(0, chars_max)
  );
}

const quoted = (whole: string, inner: string): string =>
  /^[\w.$-]{1,64}$/.test(inner) || inner === '…' ? whole : `${whole[0]}…${whole.at(-1)}`;
