/** Who waits for an answer of ours, by thread, and how long it took when it came. */
import type { Interaction, Waiting } from '../../schemas/generated.ts';

/** The oldest of more than these is forgotten: a profile is read and written whole. */
export const waiting_max = 50;

/** What the model takes for mail by machines or to everybody asks for no answer, even where no header says so. */
export const unanswered: ReadonlySet<string> = new Set(['newsletter', 'notification', 'spam']);

/** A mail that comes in begins the wait of its thread, unless one is on; a later mail that goes out ends it. */
export function waitingAfter(waiting: readonly Waiting[], interaction: Interaction): Waiting[] {
  const { kind, thread_id, occurred_at_ms, category } = interaction;
  if (interaction.automatic) return [...waiting];
  if (kind === 'mail_out') return waiting.filter(one => !isAnswered(one, interaction));
  if (kind !== 'mail_in' || thread_id === '' || unanswered.has(category ?? '')) return [...waiting];
  if (waiting.some(one => one.thread_id === thread_id)) return [...waiting];
  return [...waiting, { thread_id, since_ms: occurred_at_ms, category: category ?? '' }].slice(-waiting_max);
}

/** The wait that a mail of ours ends, or null. */
export function answeredBy(waiting: readonly Waiting[], interaction: Interaction): Waiting | null {
  return waiting.find(one => isAnswered(one, interaction)) ?? null;
}

function isAnswered(waiting: Waiting, { kind, thread_id, occurred_at_ms, automatic }: Interaction): boolean {
  return kind === 'mail_out' && !automatic && waiting.thread_id === thread_id && occurred_at_ms >= waiting.since_ms;
}
