import { useApp } from '../context.ts';
import { useNow, useResource } from '../hooks.ts';
import { Failure } from './states.tsx';
import { Timestamp } from './timestamp.tsx';

export interface ConversationTarget {
  conversation_id: string;
  organization_id: string;
}

/** What is said in the conversation around the mail that is open. Nothing where that mail is all that is told of it. */
export function ConversationSummary({ of, email_id }: { of: ConversationTarget; email_id: string }) {
  const { api, open } = useApp();
  const now = useNow(60_000);
  const sayings = useResource(`said ${of.organization_id} ${of.conversation_id}`, signal => api.sayings(of, signal));
  if (sayings.error !== null) return <Failure error={sayings.error} onRetry={sayings.reload} />;
  if (sayings.data === null || sayings.data.every(saying => saying.email_id === email_id)) return null;
  return (
    <section aria-label="What is said in the conversation">
      <h3>In this conversation</h3>
      {sayings.data.map(saying => (
        <div key={saying.email_id}>
          {saying.email_id === email_id ? (
            <bdi>{saying.sender_name || saying.sender}</bdi>
          ) : (
            <button
              type="button"
              class="link"
              dir="auto"
              onClick={() => open({ kind: 'record', id: saying.email_id, title: saying.text })}
            >
              {saying.sender_name || saying.sender}
            </button>
          )}{' '}
          <span class="muted">
            <Timestamp at={saying.received_at} now={now} label="Received" />
          </span>
          <blockquote class="summary" dir="auto">
            {saying.text}
          </blockquote>
        </div>
      ))}
    </section>
  );
}
