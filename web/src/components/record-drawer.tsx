import type { ComponentChildren } from 'preact';
import { useApp } from '../context.ts';
import { bytes, percent, plural, whenExactly, words } from '../format.ts';
import { useResource } from '../hooks.ts';
import type { MailDetail } from '../model.ts';
import { findRecord } from '../record.ts';
import { clamp } from './chips.tsx';
import { ConversationSummary, type ConversationTarget } from './conversation-summary.tsx';
import { Drawer } from './drawer.tsx';
import { Feedback } from './mail-feedback.tsx';
import { Reasons } from './reasons.tsx';
import { Empty, Failure, Loading } from './states.tsx';
import { TraceView } from './trace.tsx';
import { Chips, Entities, Summary } from './understanding.tsx';

interface RecordDrawerProps {
  id: string;
  title: string;
  /** What the mail was opened as a part of. */
  conversation?: ConversationTarget;
  onClose(): void;
}

/** A mail with everything that was understood of it, or another record with what its trace tells. */
export function RecordDrawer({ id, title, conversation, onClose }: RecordDrawerProps) {
  const { api } = useApp();
  const record = useResource(id, signal => findRecord(api, id, signal));
  const found = record.data;
  const mail = found?.mail ?? null;
  return (
    <Drawer
      kicker={mail === null ? 'Record' : 'Mail'}
      title={mail === null ? title : mail.subject || '(no subject)'}
      onClose={onClose}
    >
      {found === null && record.error === null && <Loading rows={8} label="Reading the record" />}
      {record.error !== null && <Failure error={record.error} onRetry={record.reload} />}
      {mail !== null && conversation !== undefined && <ConversationSummary of={conversation} email_id={id} />}
      {mail !== null && <MailView mail={mail} />}
      {found !== null && (
        <section aria-label="Trace">
          <h3>Trace</h3>
          {found.trace !== null && <TraceView trace={found.trace} />}
          {found.trace === null && found.trace_error === null && (
            <Empty title="No trace yet. It follows within a second or two of the mail." />
          )}
          {found.trace_error !== null && <Failure error={found.trace_error} onRetry={record.reload} />}
        </section>
      )}
    </Drawer>
  );
}

function MailView({ mail }: { mail: MailDetail }) {
  return (
    <>
      <dl class="facts">
        <Fact name="From">{address(mail.sender_name, mail.sender)}</Fact>
        <Fact name="To">{mail.recipients.join(', ')}</Fact>
        <Fact name="Received">
          <time title="By the newest plausible Received header, in your time zone">
            {whenExactly(mail.received_at)}
          </time>
        </Fact>
        {mail.deliveries.length > 0 && (
          <Fact name="Mailboxes">
            {mail.deliveries.map(({ mailbox, received_at }) => (
              <span key={mailbox} class="item" title={`Delivered ${whenExactly(received_at)}`}>
                {mailbox}
              </span>
            ))}
          </Fact>
        )}
      </dl>
      <Chips mail={mail} />
      <Summary mail={mail} />
      <div class="mail-text" dir="auto">
        {mail.content || '(no text)'}
      </div>
      {mail.quoted !== '' && (
        <details>
          <summary>Quoted text, {plural(mail.quoted.split('\n').length, 'line')}</summary>
          <div class="mail-text quoted" dir="auto">
            {mail.quoted}
          </div>
        </details>
      )}
      {mail.attachments.length > 0 && <Attachments attachments={mail.attachments} />}
      <Entities mail={mail} />
      <h3>Importance {mail.importance} of 100, and why</h3>
      <Reasons name="importance" score={mail.importance} reasons={mail.importance_reasons} />
      <Categories scores={mail.category_scores} />
      <Models models={mail.models} />
      <Feedback mail={mail} />
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd dir="auto">{children}</dd>
    </div>
  );
}

function address(name: string, mail: string): string {
  return name === '' ? mail : `${name} <${mail}>`;
}

function Attachments({ attachments }: { attachments: MailDetail['attachments'] }) {
  return (
    <ul class="attachments">
      {attachments.map((each, i) => (
        <li key={`${each.sha256} ${i}`} title={`SHA-256 ${each.sha256}`}>
          <bdi>{each.filename || '(no name)'}</bdi>
          <span class="muted">
            {each.content_type}, {bytes(each.size_bytes)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Categories({ scores }: { scores: Record<string, number> }) {
  const sorted = Object.entries(scores).sort((a, b) => b[1] - a[1]);
  if (sorted.length === 0) return null;
  return (
    <>
      <h3>Category, by probability</h3>
      <ul class="shares">
        {sorted.map(([category, probability]) => (
          <li
            key={category}
            title={`The probability that this mail is of the category ${words(category)}; all sum to 100 %`}
          >
            <span>{words(category)}</span>
            <span class="meter" aria-hidden="true">
              <span style={{ width: `${clamp(probability * 100, 0, 100)}%` }} />
            </span>
            <span class="num">{percent(probability)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Models({ models }: { models: Record<string, string> }) {
  const known = Object.entries(models);
  if (known.length === 0) return null;
  return (
    <p class="fine" title="The versions that said this; a replay with the same ones says the same">
      Said by {known.map(([name, version]) => `${words(name)} ${version}`).join(', ')}.
    </p>
  );
}
