/** How many statements run at once: of one caller, and of all callers of a role. Whoever finds no place waits a while for one. */
import type { Role } from '../auth/roles.ts';
import { type Refusal, refuse } from './refusal.ts';

export interface SlotLimits {
  readonly caller_running_max: number;
  readonly role_running_max: Readonly<Record<Role, number>>;
  readonly waiting_max: number;
  readonly wait_ms_max: number;
}

export const slot_limits: SlotLimits = {
  caller_running_max: 8,
  role_running_max: { admin: 32, manager: 16, user: 16, viewer: 16 },
  waiting_max: 256,
  wait_ms_max: 10_000,
};

export interface Caller {
  readonly subject: string;
  readonly role: Role;
}

interface Waiting {
  readonly caller: Caller;
  begin(): void;
}

export class Slots {
  readonly #limits: SlotLimits;
  readonly #running = new Map<string, number>();
  readonly #waiting: Waiting[] = [];

  constructor(limits: SlotLimits = slot_limits) {
    this.#limits = limits;
  }

  /** What gives the place back, to be called once the statement has ended; more often does no harm. */
  async take(caller: Caller, signal: AbortSignal): Promise<(() => void) | Refusal> {
    if (this.#hasPlace(caller)) this.#reserve(caller);
    else if (!(await this.#place(caller, signal))) {
      return refuse('TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many simultaneous queries of this caller or his role');
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      for (const key of keysOf(caller)) this.#release(key);
      // One place was given back, so one of those that it fits begins: the first.
      this.#waiting.find(waiting => this.#hasPlace(waiting.caller))?.begin();
    };
  }

  #hasPlace(caller: Caller): boolean {
    const [own, role] = keysOf(caller).map(key => this.#running.get(key) ?? 0);
    const { caller_running_max, role_running_max } = this.#limits;
    return (own ?? 0) < caller_running_max && (role ?? 0) < role_running_max[caller.role];
  }

  #reserve(caller: Caller): void {
    for (const key of keysOf(caller)) this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
  }

  /** Whether a place was found, which is the caller's then. */
  #place(caller: Caller, signal: AbortSignal): Promise<boolean> {
    if (this.#waiting.length >= this.#limits.waiting_max || signal.aborted) return Promise.resolve(false);
    return new Promise(resolve => {
      const settle = (begins: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        const at = this.#waiting.indexOf(waiting);
        if (at >= 0) this.#waiting.splice(at, 1);
        resolve(begins);
      };
      const giveUp = (): void => settle(false);
      const begin = (): void => {
        // At once, before anyone else asks for the place.
        this.#reserve(caller);
        settle(true);
      };
      const waiting: Waiting = { caller, begin };
      const timer = setTimeout(giveUp, this.#limits.wait_ms_max);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(waiting);
    });
  }

  #release(key: string): void {
    const left = (this.#running.get(key) ?? 1) - 1;
    if (left === 0) this.#running.delete(key);
    else this.#running.set(key, left);
  }
}

const keysOf = ({ subject, role }: Caller): string[] => [`caller ${subject}`, `role ${role}`];
