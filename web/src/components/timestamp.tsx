import { when, whenExactly, zoneName } from '../format.ts';

/** A time as short as is clear; the whole of it, with the viewer's zone, on hover. */
export function Timestamp({ at, now, label }: { at: number; now: number; label: string }) {
  const machine = Number.isFinite(at) && Math.abs(at) < 8.64e15 ? new Date(at).toISOString() : undefined;
  return (
    <time dateTime={machine} title={`${label} ${whenExactly(at)} (${zoneName()})`}>
      {when(at, now)}
    </time>
  );
}
