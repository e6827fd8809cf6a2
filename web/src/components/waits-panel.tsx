import { useApp } from '../context.ts';
import { duration, words, workingTime } from '../format.ts';
import { useRefresh, useResource } from '../hooks.ts';
import type { Conversation } from '../model.ts';
import { Failure, Loading } from './states.tsx';
import { Timestamp } from './timestamp.tsx';

const feeds = ['emails'] as const;
const shown_max = 10;

/** The conversations that wait on us longest, with whose they are. */
export function WaitsPanel() {
  const { api, organization_id } = useApp();
  const waits = useResource(`waits ${organization_id}`, signal =>
    api.conversations({ organization_id, waiting: 'us', limit: shown_max }, signal),
  );
  useRefresh(feeds, waits.reload);
  const { data, error } = waits;

  return (
    <section class="panel waits-panel" aria-labelledby="waits-title">
      <header class="panel-head">
        <h2 id="waits-title">Waiting on us</h2>
        <span class="muted" title="By the organisation’s working hours, since the first mail that is not answered">
          longest first, in working hours
        </span>
      </header>
      <div class="panel-scroll" tabIndex={-1}>
        {data === null && error === null && <Loading rows={2} label="Reading conversations" />}
        {data === null && error !== null && <Failure error={error} onRetry={waits.reload} />}
        {data !== null && data.items.length === 0 && <p class="fine">Nobody waits for an answer of ours.</p>}
        {data !== null && data.items.length > 0 && (
          <table class="waits">
            <thead>
              <tr>
                <th scope="col">Waits</th>
                <th scope="col">Conversation</th>
                <th scope="col" title="Who answered first, or whose mailbox got the first mail">
                  Owner
                </th>
                <th scope="col" title="The first answer against what was promised">
                  Promise
                </th>
              </tr>
            </thead>
            <tbody>
              {data.items.map(one => (
                <WaitRow key={`${one.organization_id} ${one.conversation_id}`} wait={one} />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  );
}

function WaitRow({ wait }: { wait: Conversation }) {
  const { open, organization_id } = useApp();
  const subject = wait.subject || '(no subject)';
  return (
    <tr>
      <td class="num" title={`${duration(wait.waiting_seconds * 1000)} by the clock`}>
        {workingTime(wait.waiting_business_seconds * 1000)}
      </td>
      <th scope="row">
        <button
          type="button"
          class="row-open"
          dir="auto"
          onClick={() => open({ kind: 'record', id: wait.waiting_email_id, title: subject, conversation: idOf(wait) })}
        >
          {subject}
        </button>
        <span class="muted block">
          <bdi>{wait.customer}</bdi> · {words(wait.category)}
          {organization_id === undefined && <span title="Organisation"> · {wait.organization_id}</span>}
        </span>
      </th>
      <td>
        <bdi>{wait.owner_id || wait.mailbox || 'nobody'}</bdi>
        {wait.team_id !== '' && <span class="muted block">{wait.team_id}</span>}
      </td>
      <td>
        <Promised wait={wait} />
      </td>
    </tr>
  );
}

function Promised({ wait }: { wait: Conversation }) {
  if (wait.sla_breached) return <span class="chip negative">missed</span>;
  if (Number.isFinite(wait.first_response_at)) return <span class="chip positive">kept</span>;
  if (!Number.isFinite(wait.sla_due_at)) return <span class="muted">none</span>;
  return (
    <span class="muted">
      due <Timestamp at={wait.sla_due_at} now={Date.now()} label="First answer due" />
    </span>
  );
}

const idOf = ({ conversation_id, organization_id }: Conversation) => ({ conversation_id, organization_id });
