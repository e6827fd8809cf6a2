import { accountLine, addsUp, end_meanings, forOrganization, shownEnds } from '../account.ts';
import { useApp } from '../context.ts';
import { bytes, count, plural, when, whenExactly, words } from '../format.ts';
import { useRefresh, useResource } from '../hooks.ts';
import type { DeadLetter, End, Reconciliation, SourceAccount } from '../model.ts';
import { ends } from '../model.ts';
import { Drawer } from './drawer.tsx';
import { Empty, Failure, Loading } from './states.tsx';

export function ReconciliationDrawer({ onClose }: { onClose(): void }) {
  const { api, organization_id } = useApp();
  const account = useResource('reconciliation', signal => api.reconciliation(undefined, signal));
  const letters = useResource(`dead letters ${organization_id}`, signal => api.deadLetters(organization_id, signal));
  useRefresh(['emails', 'duplicates', 'dead_letters'], account.reload);
  useRefresh(['dead_letters'], letters.reload);

  return (
    <Drawer kicker="Reconciliation" title="Where every record went" onClose={onClose}>
      {account.data !== null && <Sources account={forOrganization(account.data, organization_id)} />}
      {account.data === null && account.error === null && <Loading rows={4} label="Reading the reconciliation" />}
      {account.error !== null && <Failure error={account.error} onRetry={account.reload} />}
      <h3>Dead letters</h3>
      {letters.data !== null && <DeadLetters letters={letters.data.items} more={letters.data.next !== null} />}
      {letters.data === null && letters.error === null && <Loading rows={3} label="Reading the dead letters" />}
      {letters.error !== null && <Failure error={letters.error} onRetry={letters.reload} />}
    </Drawer>
  );
}

function Sources({ account }: { account: Reconciliation }) {
  const columns = columnsOf(account);
  return (
    <>
      <p>
        {accountLine(account.total)} {addsUp(account.total) ? '' : '— this does not add up'}
      </p>
      <div class="scroll-x">
        <table class="plain">
          <caption>Each number that a source gave out ended as exactly one of these.</caption>
          <thead>
            <tr>
              <th scope="col">Source</th>
              <th scope="col" class="num" title="Numbers that the source has given out">
                Read
              </th>
              {columns.map(end => (
                <th scope="col" class="num" key={end} title={end_meanings[end]}>
                  {words(end)}
                </th>
              ))}
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {account.sources.map(source => (
              <SourceRow key={`${source.organization_id} ${source.source}`} source={source} columns={columns} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function columnsOf({ total, sources }: Reconciliation): End[] {
  const shown = new Set([total, ...sources].flatMap(shownEnds));
  return ends.filter(end => shown.has(end));
}

function SourceRow({ source, columns }: { source: SourceAccount; columns: End[] }) {
  return (
    <tr>
      <th scope="row">
        <bdi>{source.source}</bdi>
        <span class="muted block">
          {source.connector} · {source.organization_id}
        </span>
        {source.error !== null && <span class="negative-text block">{source.error}</span>}
      </th>
      <td class="num">{count(source.read)}</td>
      {columns.map(end => (
        <td class="num" key={end}>
          {count(source[end])}
        </td>
      ))}
      <td title={sourceTitle(source)}>{sourceState(source)}</td>
    </tr>
  );
}

function sourceState(source: SourceAccount): string {
  if (!source.balanced || !addsUp(source)) return '! does not add up';
  if (source.error !== null) return '! stopped';
  const late = source.late > 0 ? `, ${count(source.late)} late` : '';
  return `${source.done ? '✓ complete' : '✓ reading'}${late}`;
}

function sourceTitle(source: SourceAccount): string {
  const repeated = source.repeated > 0 ? `; ${plural(source.repeated, 'number')} ended more than once` : '';
  const late =
    source.late > 0 ? `; ${plural(source.late, 'record')} came after the minute it belongs to had closed` : '';
  return `${source.done ? 'Read to its end' : 'Still being read'}${repeated}${late}`;
}

function DeadLetters({ letters, more }: { letters: readonly DeadLetter[]; more: boolean }) {
  if (letters.length === 0) {
    return <Empty title="None. Everything that was read could be processed." />;
  }
  return (
    <>
      <p>
        {[...byCause(letters)].map(([cause, number]) => (
          <span class="chip" key={cause} title={`${plural(number, 'dead letter')} with this cause among those shown`}>
            {words(cause)} <b>{count(number)}</b>
          </span>
        ))}
        {more && <span class="muted"> The newest {count(letters.length)} are shown.</span>}
      </p>
      <ul class="letters">
        {letters.map(letter => (
          <Letter key={letter.dead_letter_id} letter={letter} />
        ))}
      </ul>
    </>
  );
}

function Letter({ letter }: { letter: DeadLetter }) {
  const { open } = useApp();
  return (
    <li>
      <p>
        <b>{words(letter.cause)}</b> <span class="muted">in {letter.stage}</span>
        <time class="end-of-line" title={whenExactly(letter.failed_at)}>
          {when(letter.failed_at, Date.now())}
        </time>
      </p>
      <p dir="auto" class="wrap">
        {letter.message}
      </p>
      <p class="muted">
        number {count(letter.sequence)} of <code>{letter.source}</code> ·{' '}
        <span title={`The original is kept whole, under its SHA-256 ${letter.original_sha256}`}>
          {bytes(letter.original_size_bytes)} kept
        </span>{' '}
        ·{' '}
        <button
          type="button"
          class="link"
          onClick={() => open({ kind: 'record', id: letter.dead_letter_id, title: words(letter.cause) })}
        >
          trace
        </button>
      </p>
    </li>
  );
}

function byCause(letters: readonly DeadLetter[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { cause } of letters) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  return new Map([...counts].sort((a, b) => b[1] - a[1]));
}
