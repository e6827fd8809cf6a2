import { useApp } from '../context.ts';
import { count, plural, signed, words } from '../format.ts';
import type { Customer, Reason } from '../model.ts';
import { Confidence, Score, SignedBar } from './chips.tsx';
import { memo } from './memo.ts';

const reasons_shown = 3;

interface LeadRowProps {
  lead: Customer;
  /** When it was last updated live; another value lights the row up again. 0: never. */
  fresh: number;
}

export const LeadRow = memo(function LeadRow({ lead, fresh }: LeadRowProps) {
  const { open, organization_id } = useApp();
  const name = lead.name || lead.person_id;
  const target = {
    kind: 'customer',
    person_id: lead.person_id,
    organization_id: lead.organization_id,
    title: name,
  } as const;
  const strongest = strongestFirst(lead.reasons).slice(0, reasons_shown);
  const max = Math.max(...strongest.map(reason => Math.abs(reason.points)));
  return (
    <tr class="lead-row">
      <td class="lead-score">
        {fresh > 0 && <span class="flash" key={fresh} aria-hidden="true" />}
        <Score score={lead.score} grade={lead.grade} halves={lead} />
      </td>
      <th scope="row" class="lead-name">
        <button type="button" class="row-open" onClick={() => open(target)} title={lead.person_id}>
          <bdi>{name}</bdi>
        </button>
        <span class="muted block">
          <bdi>{lead.account || 'no account'}</bdi>
          {organization_id === undefined && <span title="Organisation"> · {lead.organization_id}</span>}
        </span>
      </th>
      <td class="lead-why">
        <ul class="why">
          {strongest.map(reason => (
            <ReasonLine key={`${reason.feature} ${reason.value}`} reason={reason} max={max} />
          ))}
          {lead.reasons.length === 0 && <li class="muted">nothing seen that moves the score</li>}
        </ul>
      </td>
      <td class="lead-stage">
        <Outcome lead={lead} />
      </td>
      <td class="lead-confidence">
        <Confidence confidence={lead.confidence} seen={seen(lead)} />
      </td>
    </tr>
  );
});

function strongestFirst(reasons: readonly Reason[]): Reason[] {
  return [...reasons].sort((a, b) => Math.abs(b.points) - Math.abs(a.points));
}

function ReasonLine({ reason, max }: { reason: Reason; max: number }) {
  const { open } = useApp();
  const title = `${words(reason.feature)}: ${reason.value}. ${signed(reason.points, 1)} points, ${signed(reason.log_odds)} log-odds`;
  const inside = (
    <>
      <SignedBar value={reason.points} max={max} />
      <b class="num">{signed(reason.points, 0)}</b>
      <span class="why-text">
        {words(reason.feature)} <bdi class="muted">{reason.value}</bdi>
      </span>
    </>
  );
  if (reason.evidence_id === '') {
    return (
      <li>
        <span class="why-line" title={title}>
          {inside}
        </span>
      </li>
    );
  }
  return (
    <li>
      <button
        type="button"
        class="why-line has-evidence"
        title={`${title}. Click for the mail or record behind it.`}
        onClick={() => open({ kind: 'record', id: reason.evidence_id, title: words(reason.feature) })}
      >
        {inside}
      </button>
    </li>
  );
}

export function Outcome({ lead }: { lead: Pick<Customer, 'stage' | 'outcome' | 'amount'> }) {
  const { stage, outcome, amount } = lead;
  return (
    <>
      {outcome !== null && <span class={`chip ${outcome === 'won' ? 'positive' : 'negative'}`}>{outcome}</span>}
      {outcome === null && stage !== null && (
        <span class="chip" title="Stage, as the CRM says">
          {words(stage)}
        </span>
      )}
      {outcome === null && stage === null && (
        <span class="muted" title="The CRM has told nothing of this person">
          not in CRM
        </span>
      )}
      {Number.isFinite(amount) && (
        <span class="muted block num" title="Amount, in the CRM’s currency">
          {count(amount)}
        </span>
      )}
    </>
  );
}

export function seen(lead: Customer): string {
  const parts = [
    `${plural(lead.mails_in, 'mail')} in`,
    `${plural(lead.mails_out, 'mail')} out`,
    plural(lead.crm_changes, 'CRM change'),
    plural(lead.events, 'event'),
  ];
  return parts.join(', ');
}
