/**
 * Progress on stderr. On a terminal one line that is written over, at most ten times a second, and cleared at the end;
 * elsewhere, such as in a log, a plain line every five seconds.
 */

export interface ProgressState {
  /** How it stands, in words. */
  readonly text: string;
  /** Done of the whole, 0 to 1; null where the whole is not known. */
  readonly fraction: number | null;
}

export interface Progress {
  update(state: ProgressState): void;
  /** Clears the line. */
  end(): void;
}

export interface ProgressOptions {
  readonly stream: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  now_ms(): number;
}

const redraw_ms_min = 100;
const line_ms = 5_000;
const bar_chars = 20;
const columns_default = 80;
// An estimate from less than this is a guess.
const estimate_ms_min = 1_000;
const estimate_fraction_min = 0.02;

const clear = '\r\u001b[2K';

export function createProgress({ stream, env, now_ms }: ProgressOptions): Progress {
  const live = stream.isTTY === true && env.TERM !== 'dumb';
  const coloured = live && !env.NO_COLOR;
  const began_at_ms = now_ms();
  let shown_at_ms = live ? Number.NEGATIVE_INFINITY : began_at_ms;

  return {
    update(state) {
      const at_ms = now_ms();
      if (at_ms - shown_at_ms < (live ? redraw_ms_min : line_ms)) return;
      shown_at_ms = at_ms;
      const parts = [shareOf(state), state.text, leftOf(state, at_ms - began_at_ms)].filter(part => part !== '');
      if (!live) return void stream.write(`${parts.join('  ')}\n`);
      const bar = barOf(state);
      // A line longer than the terminal would wrap, and only its last row would be written over.
      const room = (stream.columns ?? columns_default) - 1 - (bar === '' ? 0 : bar_chars + 2);
      const text = parts.join('  ').slice(0, Math.max(0, room));
      stream.write(`${clear}${coloured && bar !== '' ? `\u001b[32m${bar}\u001b[39m` : bar}${bar && '  '}${text}`);
    },
    end() {
      if (live && shown_at_ms !== Number.NEGATIVE_INFINITY) stream.write(clear);
    },
  };
}

function barOf({ fraction }: ProgressState): string {
  if (fraction === null) return '';
  const filled = Math.floor(clamped(fraction) * bar_chars);
  return '█'.repeat(filled) + '░'.repeat(bar_chars - filled);
}

const shareOf = ({ fraction }: ProgressState): string =>
  fraction === null ? '' : `${Math.floor(clamped(fraction) * 100)}%`;

function leftOf({ fraction }: ProgressState, elapsed_ms: number): string {
  if (fraction === null || fraction < estimate_fraction_min || elapsed_ms < estimate_ms_min) return '';
  const left_s = Math.ceil((elapsed_ms * (1 - clamped(fraction))) / fraction / 1000);
  return `${Math.floor(left_s / 60)}:${String(left_s % 60).padStart(2, '0')} left`;
}

const clamped = (fraction: number): number => Math.min(1, Math.max(0, fraction));
