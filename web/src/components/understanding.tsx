/** What was read out of a mail's words: its summary, whom and what it names, who signed it, and what kind of mail it is. */
import { percent, words } from '../format.ts';
import type { MailDetail } from '../model.ts';
import { CategoryChip, SentimentChip } from './chips.tsx';

const asks_min = 0.5;

export function Chips({ mail }: { mail: MailDetail }) {
  return (
    <p class="chips">
      <SentimentChip sentiment={mail.sentiment} score={mail.sentiment_score} />
      <CategoryChip category={mail.category} />
      <Chip title="Whether it came in, went out, or stayed inside the organisation">{mail.direction}</Chip>
      {mail.asks >= asks_min && (
        <Chip title={`It asks its reader for something: ${percent(mail.asks)} sure`}>asks for something</Chip>
      )}
      {mail.automatic !== '' && <Chip title="No person wrote it">{words(mail.automatic)}</Chip>}
      {mail.unsubscribes && <Chip title="It asks to be taken off a list">unsubscribes</Chip>}
      {mail.language !== '' && <Chip title="The language it is written in">{mail.language}</Chip>}
    </p>
  );
}

function Chip({ title, children }: { title: string; children: string }) {
  return (
    <span class="chip" title={title}>
      {children}
    </span>
  );
}

/** Nothing where a summary would repeat the mail. */
export function Summary({ mail }: { mail: MailDetail }) {
  if (mail.summary === '' || mail.summary.length > 0.7 * mail.content.length) return null;
  return (
    <blockquote class="summary" dir="auto" title="Its most telling sentences, as written">
      {mail.summary}
    </blockquote>
  );
}

export function Entities({ mail }: { mail: MailDetail }) {
  const types = new Map<string, Set<string>>();
  for (const { text, type } of mail.entities) types.set(type, (types.get(type) ?? new Set()).add(text));
  const signed = Object.values(mail.signature).filter(part => part !== '');
  if (types.size === 0 && signed.length === 0) return null;
  return (
    <>
      <h3>Named in it</h3>
      <dl class="facts">
        {[...types].map(([type, texts]) => (
          <div key={type}>
            <dt>{words(type)}</dt>
            <dd dir="auto">{[...texts].join(', ')}</dd>
          </div>
        ))}
        {signed.length > 0 && (
          <div>
            <dt>Signed</dt>
            <dd dir="auto">{signed.join(', ')}</dd>
          </div>
        )}
      </dl>
    </>
  );
}
