/** Structured logs on stderr: stdout belongs to data. Secrets and mail bodies are redacted by name. */
import { type Logger, type LoggerOptions, pino } from 'pino';
import { MillraceError, messageOf } from './errors.ts';
import { Problem } from './problem.ts';

export type { Logger };

const secret = [
  'password',
  'token',
  'secret',
  'authorization',
  'sasl.password',
  'text',
  'content',
  'quoted_text',
  'body',
];

/** What was logged as an error, or as what ends the process. */
export interface LoggedFault {
  readonly fatal: boolean;
  readonly message: string;
  /** As they were given: `error` is the error itself. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** `onFault` is told what is logged as `error` or `fatal`, before it is written. */
export function createLog(role: string, level: string, onFault?: (fault: LoggedFault) => void): Logger {
  return pino(
    {
      level,
      serializers,
      ...(onFault ? { hooks: { logMethod: tellingFaults(onFault) } } : {}),
      base: { role, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secret.flatMap(name => [`["${name}"]`, `*["${name}"]`]), censor: '[redacted]' },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** Of fields that are no plain data. */
export const serializers = { error: described };

/** A bug wants its stack; what a system outside said is told by its message. */
function described(error: unknown): string | undefined {
  const isBug = error instanceof Error && !(error instanceof Problem || error instanceof MillraceError);
  return isBug ? error.stack : messageOf(error);
}

function tellingFaults(onFault: (fault: LoggedFault) => void): NonNullable<LoggerOptions['hooks']>['logMethod'] {
  const { error, fatal } = pino.levels.values;
  return function (args, method, level) {
    if (level >= Number(error)) {
      const [first, second] = args as unknown[];
      const fields = typeof first === 'object' && first !== null ? (first as LoggedFault['fields']) : {};
      onFault({ fatal: level >= Number(fatal), message: String(second ?? (fields === first ? '' : first)), fields });
    }
    method.apply(this, args);
  };
}
