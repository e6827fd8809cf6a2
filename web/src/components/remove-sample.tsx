import { useState } from 'preact/hooks';
import { useApp } from '../context.ts';
import { message } from '../record.ts';

/** The server's name for it; it removes no other. */
export const sample_organization_id = 'sample';

/** Asks once more, since nothing brings it back. */
export function RemoveSample({ onRemoved }: { onRemoved(): void }) {
  const { api } = useApp();
  const [state, setState] = useState<'idle' | 'asking' | 'removing'>('idle');
  const [error, setError] = useState<string | null>(null);

  async function remove(): Promise<void> {
    setState('removing');
    setError(null);
    try {
      await api.removeOrganization(sample_organization_id);
      onRemoved();
    } catch (fault) {
      setError(message(fault));
    }
    setState('idle');
  }

  if (state === 'removing') return <span class="muted">Removing the sample</span>;
  if (state === 'asking') {
    return (
      <>
        <button type="button" class="quiet" onClick={() => void remove()}>
          Remove the sample for good
        </button>
        <button type="button" class="quiet" onClick={() => setState('idle')}>
          Keep
        </button>
      </>
    );
  }
  const title = error ?? 'The sample company and everything derived from it; your own records stay';
  return (
    <button type="button" class="quiet" title={title} onClick={() => setState('asking')}>
      {error === null ? 'Remove sample' : 'Remove sample: failed, try again'}
    </button>
  );
}
