/** A bounded number of holders and a bounded queue of those who wait, first come first served. */
import { refusal } from './errors.ts';

export class Slots<T> {
  private readonly free: T[];
  private readonly waiting: ((slot: T) => void)[] = [];
  private readonly waiting_max: number;

  constructor(slots: readonly T[], waiting_max: number) {
    this.free = [...slots];
    this.waiting_max = waiting_max;
  }

  /** @throws ClickHouseError 202 when `waiting_max` are waiting already */
  take(): Promise<T> {
    const slot = this.free.pop();
    if (slot !== undefined) return Promise.resolve(slot);
    if (this.waiting.length >= this.waiting_max) {
      throw refusal('TOO_MANY_SIMULTANEOUS_QUERIES', `Too many queries: ${this.waiting_max} are waiting already`);
    }
    return new Promise(resolve => this.waiting.push(resolve));
  }

  give(slot: T): void {
    const next = this.waiting.shift();
    if (next) next(slot);
    else this.free.push(slot);
  }
}
