/** A disk that is full: how it is told, and when there is room again. */
import { statfsSync } from 'node:fs';
import { pause } from '../lib/lifecycle.ts';

/** With less, an engine that has ended for want of room would only end again. */
const room_bytes_min = 64 * 1024 * 1024;
const poll_ms = 2_000;
const megabytes = (bytes: number): number => Math.floor(bytes / 1024 / 1024);

/** What is wrong with the directory's disk, and what helps; null where there is room. */
export function fullDisk(dir: string): string | null {
  const { bavail, bsize } = statfsSync(dir);
  const free_bytes = bavail * bsize;
  if (free_bytes >= room_bytes_min) return null;
  return `the disk of ${dir} is full (${megabytes(free_bytes)} MB free): delete what is not needed there, or give it more`;
}

/** Whether a log, or an error, says that something could not be written for want of room. */
export const saysFull = (text: string): boolean => /no space left on device/i.test(text);

export interface Room {
  /** Resolves at once where there is room, else when there is some again; true where it had to wait. */
  wait(): Promise<boolean>;
}

/** However many wait, it is told once, with the remedy, and once more when there is room. */
export function watchRoom(dir: string, tell: (line: string) => void, signal: AbortSignal): Room {
  let waiting: Promise<boolean> | null = null;

  async function untilRoom(): Promise<boolean> {
    const full = fullDisk(dir);
    if (full === null) return false;
    tell(
      `${full}; what has ended is started again when there are ${megabytes(room_bytes_min)} MB. What was accepted is kept.`,
    );
    while (!signal.aborted && fullDisk(dir) !== null) await pause(poll_ms, signal);
    if (!signal.aborted) tell(`the disk of ${dir} has room again`);
    return true;
  }

  return {
    wait() {
      waiting ??= untilRoom().finally(() => {
        waiting = null;
      });
      return waiting;
    },
  };
}
