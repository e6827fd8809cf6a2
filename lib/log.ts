/** Structured logs on stderr: stdout belongs to data. Secrets and mail bodies are redacted by name. */
import { type Logger, pino } from 'pino';

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

export function createLog(role: string, level: string): Logger {
  return pino(
    {
      level,
      base: { role, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secret.flatMap(name => [`["${name}"]`, `*["${name}"]`]), censor: '[redacted]' },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
