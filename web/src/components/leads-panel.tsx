import { useApp } from '../context.ts';
import * as decode from '../decode.ts';
import { count } from '../format.ts';
import { byScore } from '../orders.ts';
import { useFeedList } from '../use-feed-list.ts';
import { LeadRow } from './lead-row.tsx';
import { Command, Empty, Failure, Loading } from './states.tsx';

const page_leads = 30;

export function LeadsPanel() {
  const { api, organization_id } = useApp();
  const leads = useFeedList({
    key: `leads ${organization_id}`,
    feed: 'customers',
    order: byScore,
    decode: decode.customer,
    load: (cursor, signal) =>
      api.customers({ organization_id, outcome: 'open', sort: '-score', limit: page_leads, cursor }, signal),
    // Whoever was won or lost is no lead any more, and may be on the list still.
    accepts: lead => (lead.outcome === null ? true : 'ask'),
    afterGap: 'replace',
  });
  const { list, error, fresh } = leads;

  return (
    <section class="panel leads-panel" aria-labelledby="leads-title">
      <header class="panel-head">
        <h2 id="leads-title">Top leads</h2>
        <span class="muted" title="The score is the probability of being won, in percent; the reasons sum to it">
          by score, live, with reasons
        </span>
      </header>
      <div class="panel-scroll" tabIndex={-1}>
        {list === null && error === null && <Loading rows={6} label="Reading leads" />}
        {error !== null && <Failure error={error} onRetry={leads.reload} />}
        {list !== null && list.items.length === 0 && (
          <Empty title="No open lead has been seen yet.">
            <p>Leads come from mail, from CRM changes and from events:</p>
            <Command>npx millrace import my.mbox crm.ndjson</Command>
          </Empty>
        )}
        {list !== null && list.items.length > 0 && (
          <table class="leads">
            <thead>
              <tr>
                <th scope="col" title="0 to 100, the probability of being won in percent, and the grade">
                  Score
                </th>
                <th scope="col">Lead</th>
                <th scope="col" title="The strongest reasons with their points; the lead shows all">
                  Why
                </th>
                <th scope="col">Stage</th>
                <th scope="col" title="By how much was seen of this person">
                  Confidence
                </th>
              </tr>
            </thead>
            <tbody>
              {list.items.map(lead => (
                <LeadRow key={byScore.key(lead)} lead={lead} fresh={fresh.get(byScore.key(lead)) ?? 0} />
              ))}
            </tbody>
          </table>
        )}
        {list !== null && list.next !== null && (
          <button type="button" class="more" disabled={leads.loadingMore} onClick={leads.more}>
            {leads.loadingMore ? 'Reading…' : `Show ${page_leads} more`}
          </button>
        )}
        {list?.capped === true && <p class="fine">The best {count(byScore.items_max)} are kept here.</p>}
      </div>
    </section>
  );
}
