/** Why a statement is not run, by ClickHouse's codes and names of it: its clients know what to do with them. */

export interface Refusal {
  /** ClickHouse's code and name of it. */
  readonly code: number;
  readonly name: string;
  readonly message: string;
}

const codes = {
  BAD_ARGUMENTS: 36,
  NOT_IMPLEMENTED: 48,
  SYNTAX_ERROR: 62,
  CANNOT_PARSE_NUMBER: 72,
  UNKNOWN_COMPRESSION_METHOD: 89,
  READONLY: 164,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  CANNOT_DECOMPRESS: 271,
  TOO_MANY_BYTES: 307,
  SUPPORT_IS_DISABLED: 344,
  ACCESS_DENIED: 497,
} as const;

/** A statement is told once it is refused, not which part of a long text it was. */
const quoted_chars_max = 100;

export function refuse(name: keyof typeof codes, message: string): Refusal {
  return { code: codes[name], name, message };
}

export function quote(text: string): string {
  return JSON.stringify(text.length > quoted_chars_max ? `${text.slice(0, quoted_chars_max)}…` : text);
}

export function isRefusal(value: object): value is Refusal {
  return 'code' in value && 'name' in value && 'message' in value;
}

/** No status of 500: nothing failed, and clients repeat what failed. */
export function statusOf({ code }: Refusal): number {
  if (code === codes.READONLY || code === codes.ACCESS_DENIED || code === codes.SUPPORT_IS_DISABLED) return 403;
  if (code === codes.TOO_MANY_SIMULTANEOUS_QUERIES) return 429;
  if (code === codes.TOO_MANY_BYTES) return 413;
  return code === codes.NOT_IMPLEMENTED ? 501 : 400;
}
