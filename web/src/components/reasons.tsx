import { useApp } from '../context.ts';
import { count, signed, words } from '../format.ts';
import type { Reason } from '../model.ts';
import { SignedBar } from './chips.tsx';

interface ReasonsProps {
  /** What the points add up to, in words: "lead score", "importance". */
  name: string;
  score: number;
  reasons: readonly Reason[];
  /** Where the score's log-odds are known they are shown as well. */
  log_odds?: { bias: number; sum: number };
}

/** Every point of a score: a starting point, then what raised and lowered it, and the sum. */
export function Reasons({ name, score, reasons, log_odds }: ReasonsProps) {
  const start = score - sum(reasons.map(reason => reason.points));
  const max = Math.max(Math.abs(start), ...reasons.map(reason => Math.abs(reason.points)));
  return (
    <table class="reasons">
      <caption>
        The points sum to the {name}
        {log_odds !== undefined &&
          `, the log-odds to ${signed(log_odds.sum)}; 1 / (1 + e^−log-odds) is the probability`}
        .
      </caption>
      <thead>
        <tr>
          <th scope="col">Reason</th>
          <th scope="col">
            <span class="sr">Bar</span>
          </th>
          <th scope="col" class="num" title="Shares of the score, 0 to 100">
            Points
          </th>
          {log_odds !== undefined && (
            <th scope="col" class="num" title="The exact share, before it is scaled to points">
              Log-odds
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row" title="What the model says before it has seen anything">
            Starting point
          </th>
          <td class="bar-cell">
            <SignedBar value={start} max={max} standing />
          </td>
          <td class="num">{signed(start, 1)}</td>
          {log_odds !== undefined && <td class="num">{signed(log_odds.bias)}</td>}
        </tr>
        {reasons.map(reason => (
          <ReasonRow
            key={`${reason.feature} ${reason.value}`}
            reason={reason}
            max={max}
            exact={log_odds !== undefined}
          />
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Sum: {name}</th>
          <td />
          <td class="num">{count(score)}</td>
          {log_odds !== undefined && <SumCheck bias={log_odds.bias} reasons={reasons} claimed={log_odds.sum} />}
        </tr>
      </tfoot>
    </table>
  );
}

function ReasonRow({ reason, max, exact }: { reason: Reason; max: number; exact: boolean }) {
  return (
    <tr>
      <th scope="row">
        <span title={`Feature ${reason.feature}`}>{words(reason.feature)}</span>
        {reason.value !== '' && (
          <bdi class="seen" title="What was seen">
            {reason.value}
          </bdi>
        )}
        <Evidence reason={reason} />
      </th>
      <td class="bar-cell">
        <SignedBar value={reason.points} max={max} />
      </td>
      <td class="num">{signed(reason.points, 1)}</td>
      {exact && <td class="num">{signed(reason.log_odds)}</td>}
    </tr>
  );
}

/** The sum as it is worked out here; a claim that differs is shown beside it rather than hidden. */
function SumCheck({ bias, reasons, claimed }: { bias: number; reasons: readonly Reason[]; claimed: number }) {
  const added = bias + sum(reasons.map(reason => reason.log_odds));
  const agrees = Math.abs(added - claimed) < 0.005;
  return (
    <td
      class="num"
      title={agrees ? 'Starting point and reasons, added up here' : 'The score does not match its reasons'}
    >
      {agrees ? signed(added) : `${signed(added)} ≠ ${signed(claimed)}`}
    </td>
  );
}

export function Evidence({ reason }: { reason: Reason }) {
  const { open } = useApp();
  if (reason.evidence_id === '') return null;
  return (
    <button
      type="button"
      class="link evidence"
      title="Open the mail or record that caused this"
      onClick={() => open({ kind: 'record', id: reason.evidence_id, title: words(reason.feature) })}
    >
      evidence
    </button>
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
