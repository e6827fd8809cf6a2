import { time } from '../decode.ts';
import { count, duration, timeOfDay, unknown, whenExactly, words } from '../format.ts';
import type { Arrival, Trace } from '../model.ts';

/** Each arrival of a record: the hops it took, how long each was after the one before, and the rows it became. */
export function TraceView({ trace }: { trace: Trace }) {
  return (
    <>
      {trace.arrivals.map(arrival => (
        <ArrivalView key={`${arrival.organization_id} ${arrival.source} ${arrival.sequence}`} arrival={arrival} />
      ))}
      <p class="fine">
        Record <code>{trace.record_id}</code>
      </p>
    </>
  );
}

function ArrivalView({ arrival }: { arrival: Arrival }) {
  return (
    <section class="arrival">
      <p>
        Read as number <b title="The source numbers what it reads, from 1, without holes">{count(arrival.sequence)}</b>{' '}
        of <code>{arrival.source}</code> and ended as{' '}
        <b class={`end ${arrival.end}`}>{words(arrival.end) || 'in flight'}</b>
      </p>
      <div class="scroll-x">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Stage</th>
              <th scope="col" title="Topic / partition / offset that the stage read the record from">
                Read from
              </th>
              <th scope="col" class="num">
                At
              </th>
              <th scope="col" class="num" title="Time since the hop before">
                After
              </th>
            </tr>
          </thead>
          <tbody>
            {arrival.hops.map((hop, i) => (
              <tr key={`${hop.stage} ${hop.topic} ${hop.partition} ${hop.offset}`}>
                <th scope="row">
                  {hop.stage} <span class="muted">v{hop.version}</span>
                </th>
                <td>
                  <code class="where">
                    {hop.topic === '' ? unknown : `${hop.topic} / ${hop.partition} / ${hop.offset}`}
                  </code>
                </td>
                <td class="num" title={whenExactly(hop.at)}>
                  {timeOfDay(hop.at)}
                </td>
                <td class="num">{i === 0 ? '' : `+${duration(hop.at - (arrival.hops[i - 1]?.at ?? Number.NaN))}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {arrival.rows.map((row, i) => (
        <RowView key={`${row.table} ${i}`} row={row} after={arrival.hops.at(-1)?.at ?? Number.NaN} />
      ))}
    </section>
  );
}

const cell_chars_max = 400;

function RowView({ row, after }: { row: Arrival['rows'][number]; after: number }) {
  const cells = Object.entries(row).filter(([name]) => name !== 'table');
  const stored_at = time(row.stored_at);
  return (
    <details class="row">
      <summary>
        Row in <code>{row.table}</code>
        {Number.isFinite(stored_at) && (
          <span title={`Written ${whenExactly(stored_at)}; the time since the last hop`}>
            {' '}
            at {timeOfDay(stored_at)}, +{duration(stored_at - after)}
          </span>
        )}
      </summary>
      <dl class="facts">
        {cells.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{cell(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function cell(value: unknown): string {
  const whole = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return whole.length > cell_chars_max ? `${whole.slice(0, cell_chars_max)}…` : whole || unknown;
}
