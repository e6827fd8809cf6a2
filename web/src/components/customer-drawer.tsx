import { useEffect } from 'preact/hooks';
import { useApp } from '../context.ts';
import * as decode from '../decode.ts';
import { count, percent, signed, words } from '../format.ts';
import { useLatest, useNow, useResource } from '../hooks.ts';
import type { CustomerDetail, Interaction } from '../model.ts';
import { Confidence, Score, toneOf } from './chips.tsx';
import { Drawer } from './drawer.tsx';
import { Outcome, seen } from './lead-row.tsx';
import { Reasons } from './reasons.tsx';
import { Empty, Failure, Loading } from './states.tsx';
import { Timestamp } from './timestamp.tsx';

interface CustomerDrawerProps {
  person_id: string;
  organization_id: string;
  title: string;
  onClose(): void;
}

/** The API's bound on a timeline; when it is reached there is more than is shown. */
const timeline_max = 200;

export function CustomerDrawer({ person_id, organization_id, title, onClose }: CustomerDrawerProps) {
  const { api, hub } = useApp();
  const detail = useResource(`${organization_id} ${person_id}`, signal =>
    api.customer(person_id, organization_id, signal),
  );
  const reload = useLatest(detail.reload);

  useEffect(
    () =>
      hub.listen(['customers'], {
        onRecords(records) {
          if (records.some(record => decode.customer(record).person_id === person_id)) reload.current();
        },
      }),
    [hub, person_id],
  );

  return (
    <Drawer kicker="Lead" title={title} onClose={onClose}>
      {detail.data === null && detail.error === null && <Loading rows={8} label="Reading the lead" />}
      {detail.error !== null && <Failure error={detail.error} onRetry={detail.reload} />}
      {detail.data !== null && <CustomerView customer={detail.data} />}
    </Drawer>
  );
}

function CustomerView({ customer }: { customer: CustomerDetail }) {
  const now = useNow(60_000);
  const { name, account, signed_name, title, signed_company, phone } = customer;
  const isNew = (part: string): boolean => part !== '' && part !== name && part !== account;
  const signature = [signed_name, title, signed_company, phone].filter(isNew).join(' · ');
  return (
    <>
      <div class="lead-head">
        <Score score={customer.score} grade={customer.grade} />
        <div>
          <p>
            <bdi>{customer.person_id}</bdi>
          </p>
          <p class="muted">
            <bdi>{customer.account || 'no account'}</bdi> · {customer.organization_id}
          </p>
          {signature !== '' && (
            <p class="muted" title="As the newest signed mail has it">
              <bdi>{signature}</bdi>
            </p>
          )}
        </div>
        <div>
          <Outcome lead={customer} />
        </div>
      </div>
      <dl class="facts">
        <Half name="Fit" value={customer.fit} log_odds={customer.fit_log_odds} of="whom we deal with" />
        <Half
          name="Engagement"
          value={customer.engagement}
          log_odds={customer.engagement_log_odds}
          of="what was done, the newer the more"
        />
        <div>
          <dt>Confidence</dt>
          <dd>
            <Confidence confidence={customer.confidence} seen={seen(customer)} />
          </dd>
        </div>
        <div>
          <dt>Seen</dt>
          <dd>{seen(customer)}</dd>
        </div>
        <div>
          <dt>First and last</dt>
          <dd>
            <Timestamp at={customer.first_seen_at} now={now} label="First seen" /> –{' '}
            <Timestamp at={customer.last_seen_at} now={now} label="Last seen" />
          </dd>
        </div>
        <div>
          <dt>Mean sentiment</dt>
          <dd title="Of the mails this person wrote, −1 to +1">{signed(customer.sentiment_mean)}</dd>
        </div>
      </dl>
      <h3>Score {count(customer.score)} of 100, and why</h3>
      <Reasons
        name="lead score"
        score={customer.score}
        reasons={customer.reasons}
        log_odds={{ bias: customer.bias, sum: customer.log_odds }}
      />
      {customer.confidence < thin_confidence && (
        <p class="fine">
          Little has been seen of this person, or few outcomes are known, so the score says little: confidence{' '}
          {percent(customer.confidence)}.
        </p>
      )}
      <p class="fine">
        Model {customer.model_version}, updated <Timestamp at={customer.updated_at} now={now} label="Updated" />.
        {Number.isFinite(customer.decayed_to) && (
          <>
            {' '}
            Nothing new since <Timestamp at={customer.last_seen_at} now={now} label="Last seen" />: the score is as of{' '}
            <Timestamp at={customer.decayed_to} now={now} label="As of" />.
          </>
        )}
      </p>
      <h3>Timeline</h3>
      <Timeline timeline={customer.timeline} now={now} />
    </>
  );
}

/** One of the two that the score is made of. */
function Half({ name, value, log_odds, of }: { name: string; value: number; log_odds: number; of: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd
        title={`${name}: ${of}. 50 speaks neither for nor against; the log-odds of both and of the start sum to the score’s`}
      >
        {count(value)} of 100 <span class="muted">{signed(log_odds)} log-odds</span>
      </dd>
    </div>
  );
}

/** Below this, a reader is told that the data is thin. */
const thin_confidence = 0.3;

const kinds: Record<string, string> = { mail_in: 'Mail in', mail_out: 'Mail out', crm: 'CRM', event: 'Event' };

function Timeline({ timeline, now }: { timeline: readonly Interaction[]; now: number }) {
  if (timeline.length === 0) return <Empty title="Nothing yet. Interactions follow within a second or two." />;
  return (
    <>
      <ol class="timeline">
        {timeline.map(each => (
          <TimelineRow key={each.interaction_id} interaction={each} now={now} />
        ))}
      </ol>
      {timeline.length >= timeline_max && <p class="fine">The newest {count(timeline.length)} are shown.</p>}
    </>
  );
}

function TimelineRow({ interaction, now }: { interaction: Interaction; now: number }) {
  const { open } = useApp();
  const name = interaction.name || '(no subject)';
  const change = interaction.outcome ?? interaction.stage;
  return (
    <li class={interaction.kind}>
      <span class="kind">{kinds[interaction.kind] ?? words(interaction.kind)}</span>
      <button
        type="button"
        class="link"
        dir="auto"
        onClick={() => open({ kind: 'record', id: interaction.record_id, title: name })}
      >
        {interaction.kind.startsWith('mail') ? name : words(name)}
      </button>
      {change !== null && <span class="chip">{words(change)}</span>}
      {Number.isFinite(interaction.sentiment_score) && (
        <span class={`chip ${toneOf(interaction.sentiment_score)}`} title="Sentiment score, −1 to +1">
          {signed(interaction.sentiment_score)}
        </span>
      )}
      <Timestamp at={interaction.occurred_at} now={now} label="Occurred" />
    </li>
  );
}
