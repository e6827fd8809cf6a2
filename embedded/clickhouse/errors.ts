/** ClickHouse's errors as its HTTP interface tells them: a code, a text of one shape, a status. */

/** The codes this front raises by itself or treats apart; the full list is ClickHouse's `ErrorCodes.cpp`. */
export const CODES = {
  CANNOT_READ_ALL_DATA: 33,
  BAD_ARGUMENTS: 36,
  NOT_IMPLEMENTED: 48,
  SYNTAX_ERROR: 62,
  UNKNOWN_COMPRESSION_METHOD: 89,
  UNKNOWN_SETTING: 115,
  READONLY: 164,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  MEMORY_LIMIT_EXCEEDED: 241,
  NOT_ENOUGH_SPACE: 243,
  CANNOT_DECOMPRESS: 271,
  TOO_MANY_BYTES: 307,
  SESSION_NOT_FOUND: 372,
  SESSION_IS_LOCKED: 373,
  INVALID_SESSION_TIMEOUT: 374,
  QUERY_WAS_CANCELLED: 394,
  AUTHENTICATION_FAILED: 516,
  USER_SESSION_LIMIT_EXCEEDED: 700,
  STD_EXCEPTION: 1001,
} as const;

/** Statuses by code, after ClickHouse's `exceptionCodeToHTTPStatus`; anything else is 500. */
const STATUSES = new Map<number, number>([
  ...[6, 26, 27, 36, 38, 41, 43, 44, 47, 53, 62, 69, 70, 72, 115, 130, 131, 186, 307, 456, 457].map(
    code => [code, 400] as const,
  ),
  ...[46, 60, 63, 75, 81].map(code => [code, 404] as const),
  ...[192, 193, 194, 497, 516].map(code => [code, 403] as const),
  [48, 501],
  [159, 408],
  [202, 503],
]);

export class ClickHouseError extends Error {
  readonly code: number;
  readonly status: number;

  constructor(code: number, name: keyof typeof CODES, message: string) {
    super(`Code: ${code}. DB::Exception: ${message} (${name})`);
    this.code = code;
    this.status = statusOf(code);
  }
}

export function refusal(name: keyof typeof CODES, message: string): ClickHouseError {
  return new ClickHouseError(CODES[name], name, message);
}

export interface EngineFault {
  code: number;
  status: number;
  /** `Code: N. DB::Exception: …` */
  text: string;
}

/** Reads any thrown value as ClickHouse's error; what is not one is reported as code 1001 with its message. */
export function faultOf(thrown: unknown): EngineFault {
  if (thrown instanceof ClickHouseError) return { code: thrown.code, status: thrown.status, text: thrown.message };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  // Met where a statement's data is written to a file first.
  if ((thrown as NodeJS.ErrnoException | null)?.code === 'ENOSPC') return faultOf(refusal('NOT_ENOUGH_SPACE', message));
  const found = /Code: (\d+)\. DB::/.exec(message);
  if (found === null) {
    return {
      code: CODES.STD_EXCEPTION,
      status: 500,
      text: `Code: ${CODES.STD_EXCEPTION}. DB::Exception: ${message} (STD_EXCEPTION)`,
    };
  }
  const code = Number(found[1]);
  return { code, status: statusOf(code), text: message.slice(found.index).trimEnd() };
}

function statusOf(code: number): number {
  return STATUSES.get(code) ?? 500;
}

/**
 * What ends a response body whose status line had gone out before the fault: clients that were given `tag` in
 * `X-ClickHouse-Exception-Tag` find the message from the body's end backwards, by its length.
 */
export function exceptionBlock(text: string, tag: string): string {
  const message = `${text.replace(/[\r\n]+/g, ' ')}\n`;
  return `\r\n__exception__\r\n${tag}\r\n${message}${Buffer.byteLength(message)} ${tag}\r\n__exception__\r\n`;
}
