import { accountLine, verdict } from '../account.ts';
import { useApp } from '../context.ts';
import { count, duration, whenExactly } from '../format.ts';
import { useHubStatus, useNow, useResource } from '../hooks.ts';
import type { HubStatus } from '../hub.ts';
import type { Me, Reconciliation } from '../model.ts';
import { Logo } from './logo.tsx';
import { RemoveSample, sample_organization_id } from './remove-sample.tsx';

interface HeaderProps {
  organizations: readonly string[];
  reconciliation: Reconciliation | null;
  error: string | null;
  onSignOut(): void;
  onOrganization(organization_id: string | undefined): void;
  onRemoved(): void;
}

export function Header(props: HeaderProps) {
  const { api, organization_id } = useApp();
  const me = useResource('me', signal => api.me(signal)).data;
  const known = organization_id === undefined || props.organizations.includes(organization_id);
  const organizations = known ? props.organizations : [...props.organizations, organization_id];
  return (
    <header class="top">
      <h1>
        <Logo /> Millrace
      </h1>
      <label class="organization">
        <span class="sr">Organisation</span>
        <select
          value={organization_id ?? ''}
          title="Whose records are shown"
          onChange={event => props.onOrganization(event.currentTarget.value || undefined)}
        >
          <option value="">All organisations</option>
          {organizations.map(each => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      {organizations.includes(sample_organization_id) && me?.role === 'admin' && (
        <RemoveSample onRemoved={props.onRemoved} />
      )}
      <LiveIndicator />
      <AccountLine reconciliation={props.reconciliation} error={props.error} />
      <Who me={me} onSignOut={props.onSignOut} />
    </header>
  );
}

const state_texts: Record<HubStatus['state'], string> = {
  connecting: 'Connecting',
  open: 'Live',
  waiting: 'Reconnecting',
  refused: 'Not live',
  closed: 'Not live',
};

function LiveIndicator() {
  const status = useHubStatus();
  const now = useNow(1000);
  const { hub } = useApp();
  if (status === null) return null;
  const { state, last_record_at, retry_at } = status;
  const age = last_record_at === null ? null : Math.max(0, now - last_record_at);
  return (
    <span class={`live ${state}`} title={liveTitle(status)}>
      <span class="dot" aria-hidden="true" />
      <span role="status">{state_texts[state]}</span>
      {state === 'open' && (
        <span class="muted">{age === null ? 'no record yet' : `last record ${duration(floor(age))} ago`}</span>
      )}
      {state === 'waiting' && (
        <button type="button" class="link" onClick={() => hub.retryNow()}>
          in {Math.max(0, Math.ceil(((retry_at ?? now) - now) / 1000))} s
        </button>
      )}
    </span>
  );
}

/** Seconds, so that the text does not flicker between 0.3 s and 812 ms. */
function floor(ms: number): number {
  return ms < 1000 ? 1000 : Math.floor(ms / 1000) * 1000;
}

function liveTitle({ state, reason, records, last_record_at }: HubStatus): string {
  const heard = `${count(records)} records since the page was opened`;
  const last = last_record_at === null ? '' : `, the last at ${whenExactly(last_record_at)}`;
  const trouble = reason === null ? '' : `. ${reason}`;
  return `WebSocket ${state}: ${heard}${last}${trouble}`;
}

const verdict_titles = {
  balanced: 'Every record that was read ended exactly once. Click for each source and the dead letters.',
  settling: 'It adds up, and some records are still on their way. Click for each source.',
  unbalanced: 'Records are missing or ended more than once. Click for each source.',
  nothing: 'Nothing has been read yet.',
};
const verdict_marks = { balanced: '✓', settling: '…', unbalanced: '!', nothing: '' };
const verdict_words = { balanced: 'balanced', settling: 'settling', unbalanced: 'does not add up', nothing: '' };

function AccountLine({ reconciliation, error }: { reconciliation: Reconciliation | null; error: string | null }) {
  const { open } = useApp();
  if (reconciliation === null) {
    return (
      <span class="account muted">{error === null ? 'reading the reconciliation' : `Reconciliation: ${error}`}</span>
    );
  }
  const state = verdict(reconciliation);
  return (
    <button
      type="button"
      class={`account ${state}`}
      title={error === null ? verdict_titles[state] : `As of the last answer; since then: ${error}`}
      onClick={() => open({ kind: 'reconciliation' })}
    >
      <span>{state === 'nothing' ? 'nothing read yet' : accountLine(reconciliation.total)}</span>
      {verdict_marks[state] !== '' && (
        <span class="mark" role="img" aria-label={verdict_words[state]}>
          {verdict_marks[state]}
        </span>
      )}
    </button>
  );
}

function Who({ me, onSignOut }: { me: Me | null; onSignOut(): void }) {
  return (
    <span class="who">
      {me !== null && (
        <span class="me" title={`Signed in as ${me.subject}, role ${me.role}`}>
          <span class="sr">Signed in as </span>
          <bdi>{me.name || me.subject}</bdi> <span class="muted">{me.role}</span>
        </span>
      )}
      <button type="button" class="quiet" onClick={onSignOut}>
        Sign out
      </button>
    </span>
  );
}
