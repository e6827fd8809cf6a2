import { useState } from 'preact/hooks';
import { useApp } from '../context.ts';
import * as decode from '../decode.ts';
import { count, plural } from '../format.ts';
import { useNow, useSettled } from '../hooks.ts';
import type { Mail } from '../model.ts';
import { byTime } from '../orders.ts';
import { arrivals_max, useArrivals } from '../use-arrivals.ts';
import type { FeedList } from '../use-feed-list.ts';
import { useFeedList } from '../use-feed-list.ts';
import type { MailFilter } from './mail-filters.tsx';
import { MailFilters } from './mail-filters.tsx';
import { MailRow } from './mail-row.tsx';
import { Command, Empty, Failure, Loading } from './states.tsx';

const page_mails = 50;
const typing_pause_ms = 300;
const minute_ms = 60_000;

interface MailPanelProps {
  category: string;
  onCategory(category: string): void;
  /** No source has read a single record: time to say how to begin. */
  nothingRead: boolean;
}

export function MailPanel({ category, onCategory, nothingRead }: MailPanelProps) {
  const { api, organization_id } = useApp();
  const [sentiment, setSentiment] = useState('');
  const [search, setSearch] = useState('');
  const [order, setOrder] = useState<'date' | 'arrival'>('date');
  const q = useSettled(search.trim(), typing_pause_ms);
  const filter: MailFilter = { category, sentiment, search, order };
  const key = JSON.stringify([organization_id, category, sentiment, q]);

  const fits = (mail: Mail): boolean =>
    (category === '' || mail.category === category) && (sentiment === '' || mail.sentiment === sentiment);
  const mails = useFeedList({
    key,
    feed: 'emails',
    order: byTime,
    decode: decode.mail,
    load: (cursor, signal) =>
      api.emails({ organization_id, category, sentiment, q, limit: page_mails, cursor }, signal),
    accepts: mail => fits(mail) && (q === '' || 'ask'),
    afterGap: 'join',
  });
  const arrivals = useArrivals(key, mail => fits(mail) && (q === '' || contains(mail, q)));

  function change(next: Partial<MailFilter>): void {
    if (next.category !== undefined) onCategory(next.category);
    if (next.sentiment !== undefined) setSentiment(next.sentiment);
    if (next.search !== undefined) setSearch(next.search);
    if (next.order !== undefined) setOrder(next.order);
  }

  return (
    <section class="panel mail-panel" aria-labelledby="mail-title">
      <MailFilters filter={filter} arrived={arrivals.length} onChange={change} />
      <div class="panel-scroll" tabIndex={-1}>
        {order === 'date' ? (
          <MailsByDate
            mails={mails}
            filtered={category !== '' || sentiment !== '' || q !== ''}
            nothingRead={nothingRead}
          />
        ) : (
          <MailsByArrival mails={arrivals} fresh={mails.fresh} />
        )}
      </div>
    </section>
  );
}

interface MailsByDateProps {
  mails: FeedList<Mail>;
  filtered: boolean;
  nothingRead: boolean;
}

function MailsByDate({ mails, filtered, nothingRead }: MailsByDateProps) {
  const { list, error } = mails;
  if (list === null) {
    return error === null ? (
      <Loading rows={9} label="Reading mail" />
    ) : (
      <Failure error={error} onRetry={mails.reload} />
    );
  }
  return (
    <>
      {error !== null && <Failure error={`Not up to date: ${error}`} onRetry={mails.reload} />}
      {list.items.length === 0 && <NoMail filtered={filtered} nothingRead={nothingRead} />}
      <Rows mails={list.items} fresh={mails.fresh} />
      {list.next !== null && (
        <button type="button" class="more" disabled={mails.loadingMore} onClick={mails.more}>
          {mails.loadingMore ? 'Reading…' : `Show ${page_mails} older`}
        </button>
      )}
      {list.capped && (
        <p class="fine">
          The newest {count(byTime.items_max)} are kept here. Narrow the search, or{' '}
          <button type="button" class="link" onClick={mails.reload}>
            start again from the newest
          </button>
          .
        </p>
      )}
    </>
  );
}

function MailsByArrival({ mails, fresh }: { mails: readonly Mail[]; fresh: ReadonlyMap<string, number> }) {
  if (mails.length === 0) {
    return (
      <Empty title="No mail has arrived since this page was opened. What comes next shows here, whatever its date." />
    );
  }
  return (
    <>
      <Rows mails={mails} fresh={fresh} />
      {mails.length === arrivals_max && <p class="fine">The last {plural(arrivals_max, 'arrival')} are kept here.</p>}
    </>
  );
}

function Rows({ mails, fresh }: { mails: readonly Mail[]; fresh: ReadonlyMap<string, number> }) {
  const now = useNow(minute_ms);
  return (
    <ul class="mails" aria-label="Mail, newest first">
      {mails.map(mail => (
        <MailRow key={mail.email_id} mail={mail} now={now} fresh={fresh.has(mail.email_id)} />
      ))}
    </ul>
  );
}

function NoMail({ filtered, nothingRead }: { filtered: boolean; nothingRead: boolean }) {
  if (filtered) return <Empty title="No mail fits this filter." />;
  return (
    <Empty title={nothingRead ? 'Nothing has been read yet.' : 'No mail here yet.'}>
      <p>Import a mailbox, a folder of .eml files, or an archive; it shows up here as it is understood:</p>
      <Command>npx millrace import my.mbox</Command>
    </Empty>
  );
}

/** A rough stand-in for the server's full text search, for arrivals that no page was read for. */
function contains(mail: Mail, q: string): boolean {
  return `${mail.subject} ${mail.excerpt} ${mail.sender} ${mail.sender_name}`.toLowerCase().includes(q.toLowerCase());
}
