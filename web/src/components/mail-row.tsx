import { useApp } from '../context.ts';
import type { Mail } from '../model.ts';
import { CategoryChip, Importance, SentimentChip } from './chips.tsx';
import { memo } from './memo.ts';
import { Timestamp } from './timestamp.tsx';

const directions: Record<string, [mark: string, title: string]> = {
  inbound: ['←', 'Came in from outside'],
  outbound: ['→', 'Went out'],
  internal: ['↔', 'Stayed inside the organisation'],
};

interface MailRowProps {
  mail: Mail;
  now: number;
  fresh: boolean;
}

export const MailRow = memo(function MailRow({ mail, now, fresh }: MailRowProps) {
  const { open, organization_id } = useApp();
  const [mark, title] = directions[mail.direction] ?? ['', ''];
  const subject = mail.subject || '(no subject)';
  return (
    <li class={fresh ? 'mail-row fresh' : 'mail-row'}>
      <Importance importance={mail.importance} />
      <div class="mail-main">
        <p class="mail-top">
          <bdi class="mail-sender" title={mail.sender}>
            {mail.sender_name || mail.sender || '(no sender)'}
          </bdi>
          {mark !== '' && (
            <span class="muted" title={title}>
              {mark}
            </span>
          )}
          {organization_id === undefined && (
            <span class="muted" title="Organisation">
              {mail.organization_id}
            </span>
          )}
          <Timestamp at={mail.received_at} now={now} label="Received" />
        </p>
        <button
          type="button"
          class="row-open mail-subject"
          dir="auto"
          onClick={() => open({ kind: 'record', id: mail.email_id, title: subject })}
        >
          {subject}
        </button>
        <p class="mail-bottom">
          <span class="mail-excerpt" dir="auto">
            {mail.excerpt}
          </span>
          <CategoryChip category={mail.category} />
          <SentimentChip sentiment={mail.sentiment} score={mail.sentiment_score} />
        </p>
      </div>
    </li>
  );
});
