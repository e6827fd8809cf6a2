/**
 * What can be measured of a time frame, from the facts. Every measure is worked out over the rows of the step, of the group
 * and of the whole frame each: neither a median nor a number of different people is a sum of its parts.
 */
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type Clause, equals, instant, where } from './select.ts';

export const groupings = ['team', 'mailbox', 'owner', 'category', 'sentiment', 'direction'] as const;
export type Grouping = (typeof groupings)[number];

interface Facts {
  /** A table, or a query of some; one row for each that is counted. */
  readonly from: string;
  /** When it happened: a column. */
  readonly at: string;
  /** Whose or what it is: a column for each grouping that it can be grouped by. */
  readonly groups: Readonly<Partial<Record<Grouping, string>>>;
}

const owners = { team: 'team_id', mailbox: 'mailbox', owner: 'owner_id' } as const;

const facts = {
  mails: {
    from: 'messages',
    at: 'received_at',
    groups: { ...owners, category: 'category', sentiment: 'sentiment', direction: 'direction' },
  },
  // Turns (schemas/migrations/003_questions.sql) by when they began, with whoever was asked …
  questions: { from: 'turns', at: 'asked_at', groups: { ...owners, category: 'category' } },
  // … and the first of their thread by when it was answered, with whoever answered.
  answers: {
    from: `(
      SELECT organization_id, team_id, mailbox, assumeNotNull(t.answered_by) AS agent, category, response_seconds,
        assumeNotNull(t.answered_at) AS replied_at
      FROM turns AS t WHERE turn = 0 AND t.answered_at IS NOT NULL
    )`,
    at: 'replied_at',
    groups: { team: 'team_id', mailbox: 'mailbox', owner: 'agent', category: 'category' },
  },
  // Threads (011_conversations.sql) that a customer began, by when we answered first, with whoever did.
  conversations: {
    from: `(
      SELECT organization_id, team_id, mailbox, owner_id, category, first_response_business_seconds,
        sla_target_minutes, sla_breached,        assumeNotNull(c.first_response_at) AS responded_at
      FROM conversations AS c WHERE c.first_response_at IS NOT NULL
    )`,
    at: 'responded_at',
    groups: { ...owners, category: 'category' },
  },
  timeline: { from: 'interactions', at: 'occurred_at', groups: owners },
  // The first outcome of each person in the CRM.
  outcomes: {
    from: `(
      SELECT organization_id, person_id, min(occurred_at) AS closed_at, argMin(i.outcome, occurred_at) AS closed,
        argMin(coalesce(i.amount, 0), occurred_at) AS closed_amount, argMin(i.team_id, occurred_at) AS team_id,
        argMin(i.mailbox, occurred_at) AS mailbox, argMin(i.owner_id, occurred_at) AS owner_id
      FROM interactions AS i WHERE kind = 'crm' AND i.outcome IS NOT NULL AND person_id != ''
      GROUP BY organization_id, person_id
    )`,
    at: 'closed_at',
    groups: owners,
  },
  // By when its cause happened, or a decay had come so far: a score may be worked out long after that.
  movements: {
    from: `(
      SELECT m.organization_id AS organization_id, m.team_id AS team_id, m.mailbox AS mailbox, m.owner_id AS owner_id,
        m.grade AS grade, m.previous_grade AS previous_grade, coalesce(m.decayed_to, i.occurred_at) AS moved_at
      FROM lead_movements AS m INNER JOIN interactions AS i
        ON i.organization_id = m.organization_id AND i.interaction_id = m.caused_by
    )`,
    at: 'moved_at',
    groups: owners,
  },
} as const satisfies Readonly<Record<string, Facts>>;

interface Measure {
  readonly of: keyof typeof facts;
  readonly sql: string;
  /** Where there is nothing to measure. */
  readonly empty: 0 | null;
  readonly meaning: string;
}

export const measures = {
  emails: { of: 'mails', sql: 'count()', empty: 0, meaning: 'Mails, whoever wrote them' },
  negative: {
    of: 'mails',
    sql: "countIf(sentiment = 'negative')",
    empty: 0,
    meaning: 'Mails whose words are negative',
  },
  neutral: { of: 'mails', sql: "countIf(sentiment = 'neutral')", empty: 0, meaning: 'Mails whose words are neither' },
  positive: {
    of: 'mails',
    sql: "countIf(sentiment = 'positive')",
    empty: 0,
    meaning: 'Mails whose words are positive',
  },
  unscored: {
    ...{ of: 'mails', sql: "countIf(sentiment = 'unscored')", empty: 0 },
    meaning: 'Mails in a language that the models do not know: they have no sentiment',
  },
  sentiment_mean: {
    ...{ of: 'mails', sql: "avgOrNullIf(sentiment_score, sentiment != 'unscored')", empty: null },
    meaning: 'The mean sentiment of the mails, from -1 to 1',
  },
  mails_in: { of: 'mails', sql: "countIf(direction = 'inbound')", empty: 0, meaning: 'Mails that came from outside' },
  mails_out: { of: 'mails', sql: "countIf(direction = 'outbound')", empty: 0, meaning: 'Mails that went outside' },
  mails_internal: {
    ...{ of: 'mails', sql: "countIf(direction = 'internal')", empty: 0 },
    meaning: 'Mails among ourselves',
  },
  negative_share: {
    ...{ of: 'mails', sql: "avgOrNullIf(sentiment = 'negative', direction = 'inbound')", empty: null },
    meaning: 'Of the mails that came from outside, the share whose words are negative, from 0 to 1',
  },
  senders: {
    ...{ of: 'mails', sql: "uniqExactIf(sender, direction = 'inbound')", empty: 0 },
    meaning: 'Different addresses outside that wrote to us',
  },
  questions: {
    ...{ of: 'questions', sql: 'count()', empty: 0 },
    meaning: 'Turns: waits that began with a customer’s first unanswered mail, by when that came',
  },
  unanswered: {
    ...{ of: 'questions', sql: 'countIf(answered_at IS NULL)', empty: 0 },
    meaning: 'Of these, those that have no answer until now',
  },
  first_responses: {
    ...{ of: 'answers', sql: 'count()', empty: 0 },
    meaning: 'First answers in threads that a customer began, by when we answered; their owner is who answered',
  },
  first_response_p50_s: {
    ...{ of: 'answers', sql: 'quantileExactInclusiveOrNull(0.5)(response_seconds)', empty: null },
    meaning: 'Half of these answers came within so many seconds, by the clock',
  },
  first_response_p90_s: {
    ...{ of: 'answers', sql: 'quantileExactInclusiveOrNull(0.9)(response_seconds)', empty: null },
    meaning: 'Nine of ten of these answers came within so many seconds, by the clock',
  },
  first_response_business_p50_s: {
    ...{ of: 'conversations', sql: 'quantileExactInclusiveOrNull(0.5)(first_response_business_seconds)', empty: null },
    meaning: 'Half of the first answers in conversations came within so many seconds of working hours',
  },
  first_response_business_p90_s: {
    ...{ of: 'conversations', sql: 'quantileExactInclusiveOrNull(0.9)(first_response_business_seconds)', empty: null },
    meaning: 'Nine of ten of the first answers in conversations came within so many seconds of working hours',
  },
  sla_met_share: {
    ...{ of: 'conversations', sql: 'avgOrNullIf(NOT sla_breached, sla_target_minutes IS NOT NULL)', empty: null },
    meaning: 'Of the first answers in conversations, the share that came as soon as promised, from 0 to 1',
  },
  events: { of: 'timeline', sql: "countIf(kind = 'event')", empty: 0, meaning: 'Events' },
  crm_changes: { of: 'timeline', sql: "countIf(kind = 'crm')", empty: 0, meaning: 'Changes in the CRM' },
  won: {
    ...{ of: 'outcomes', sql: "countIf(closed = 'won')", empty: 0 },
    meaning: 'People whose first outcome in the CRM is won, by when it happened',
  },
  lost: {
    ...{ of: 'outcomes', sql: "countIf(closed = 'lost')", empty: 0 },
    meaning: 'People whose first outcome in the CRM is lost, by when it happened',
  },
  won_amount: {
    ...{ of: 'outcomes', sql: "sumIf(closed_amount, closed = 'won')", empty: 0 },
    meaning: 'What those who were won are worth by the CRM, in its currency',
  },
  leads_up: {
    ...{ of: 'movements', sql: 'countIf(grade < previous_grade)', empty: 0 },
    meaning: 'Times that a lead’s grade rose, by when the cause happened',
  },
  leads_down: {
    ...{ of: 'movements', sql: 'countIf(grade > previous_grade)', empty: 0 },
    meaning: 'Times that a lead’s grade fell, by when the cause happened',
  },
} as const satisfies Readonly<Record<string, Measure>>;
export type MeasureName = keyof typeof measures;
export const measureNames = Object.keys(measures) as readonly MeasureName[];

export type Values = Readonly<Partial<Record<MeasureName, number | null>>>;

/** Those that the rows of nothing would have. */
export const emptyValues = (names: readonly MeasureName[]): Values =>
  Object.fromEntries(names.map(name => [name, measures[name].empty]));

/** Those of the measures whose facts do not say what the group is. */
export const notGroupedBy = (grouping: Grouping, names: readonly MeasureName[]): MeasureName[] =>
  names.filter(name => !(grouping in facts[measures[name].of].groups));

export interface Frame {
  readonly organization_id: string | undefined;
  /** Where each step begins, and at last where the last one ends. */
  readonly bounds: readonly number[];
}

export interface Group {
  readonly by: Grouping;
  /** Whatever is none of these is the rest. */
  readonly names: readonly string[];
}

export interface Section {
  readonly totals: Values;
  /** A point for each step. */
  readonly series: readonly Values[];
}

export interface Measured {
  readonly all: Section;
  readonly groups: readonly Section[];
  /** Null where everything is in a group. */
  readonly rest: Section | null;
}

function within({ organization_id, bounds }: Frame, at: string): Clause {
  const params = { from_ms: bounds[0], to_ms: bounds.at(-1) };
  return where([
    equals('organization_id', organization_id),
    { sql: `${at} >= ${instant('from_ms')} AND ${at} < ${instant('to_ms')}`, params },
  ]);
}

/** The groups with the most mails. */
export async function largestGroups(
  clickhouse: ClickHouse,
  frame: Frame,
  by: Grouping,
  limit: number,
): Promise<string[]> {
  const { sql, params } = within(frame, facts.mails.at);
  const rows = await clickhouse.rows<{ name: string }>(
    `SELECT toString(${facts.mails.groups[by]}) AS name FROM messages ${sql}
    GROUP BY name ORDER BY count() DESC, name LIMIT {limit:UInt32}`,
    { ...params, limit },
  );
  return rows.map(({ name }) => name);
}

export async function measure(
  clickhouse: ClickHouse,
  frame: Frame,
  names: readonly MeasureName[],
  group: Group | null,
): Promise<Measured> {
  const asked = (Object.keys(facts) as (keyof typeof facts)[])
    .map(of => ({ of, names: names.filter(name => measures[name].of === of) }))
    .filter(({ names }) => names.length > 0);
  const rows = await Promise.all(
    asked.map(({ of, names }) => measureFacts(clickhouse, frame, facts[of], names, group)),
  );
  return sectionsOf(rows.flat(), frame.bounds, names, group);
}

type Row = {
  readonly slot_ms: number;
  readonly part: number;
  readonly is_whole: 0 | 1;
  readonly is_all: 0 | 1;
} & Values;

/** Of each step and of the whole, of each group and of all. The rest is group 0. */
function measureFacts(
  clickhouse: ClickHouse,
  frame: Frame,
  { from, at, groups }: Facts,
  names: readonly MeasureName[],
  group: Group | null,
): Promise<Row[]> {
  const { sql, params } = within(frame, at);
  const part = group === null ? '0' : `indexOf({groups:Array(String)}, toString(${groups[group.by]}))`;
  return clickhouse.rows<Row>(
    `SELECT
      roundDown(toUnixTimestamp64Milli(${at}), {bounds:Array(Int64)}) AS slot_ms, ${part} AS part,
      grouping(slot_ms) AS is_whole, ${group === null ? '1' : 'grouping(part)'} AS is_all,
      ${names.map(name => `${measures[name].sql} AS ${name}`).join(', ')}
    FROM ${from} ${sql}
    GROUP BY GROUPING SETS ((slot_ms), ()${group === null ? '' : ', (slot_ms, part), (part)'})`,
    { ...params, bounds: frame.bounds.slice(0, -1), ...(group === null ? {} : { groups: group.names }) },
  );
}

function sectionsOf(
  rows: readonly Row[],
  bounds: readonly number[],
  names: readonly MeasureName[],
  group: Group | null,
): Measured {
  const empty = emptyValues(names);
  const slots = new Map(bounds.slice(0, -1).map((at_ms, index) => [at_ms, index]));
  const blank = (): { totals: Values; series: Values[] } => ({ totals: empty, series: [...slots].map(() => empty) });
  const all = blank();
  const parts = [blank(), ...(group?.names ?? []).map(blank)];
  let has_rest = false;
  for (const { slot_ms, part, is_whole, is_all, ...values } of rows) {
    const section = is_all ? all : parts[part];
    if (!is_all && part === 0) has_rest = true;
    if (section === undefined) continue;
    if (is_whole) section.totals = { ...section.totals, ...values };
    else {
      const slot = slots.get(slot_ms) ?? 0;
      section.series[slot] = { ...section.series[slot], ...values };
    }
  }
  const [rest = null, ...groups] = parts;
  return { all, groups, rest: has_rest ? rest : null };
}
