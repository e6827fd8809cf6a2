/** An error that a person or a program can act on: a stable code, whether trying again can help, and the remedy. */
export class MillraceError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly remedy: string | undefined;

  constructor(code: string, message: string, options: { retryable?: boolean; remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MillraceError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.remedy = options.remedy;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
