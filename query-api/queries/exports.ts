/** Whole lists as files: the rows of a list's own columns and filters, in the engine's formats. */
import { z } from 'zod';
import { toldConversationSchema } from '../conversation-row.ts';
import { customerSchema, emailSchema, interactionSchema, reason, instant as time } from '../rows.ts';
import { type ConversationFilter, conversation_columns, conversationConditions, type Now } from './conversations.ts';
import { type CustomerFilter, customer_columns, customerConditions, interaction_columns } from './customers.ts';
import { type DeadLetterFilter, dead_letter_columns, deadLetter, deadLetterConditions } from './dead-letters.ts';
import { type EmailFilter, email_columns, emailConditions, hasWords } from './emails.ts';
import { type Clause, equals, instant, when, where } from './select.ts';

export const formats = ['csv', 'ndjson', 'parquet'] as const;
export type Format = (typeof formats)[number];

/** What can be exported. */
export interface Exported<F> {
  readonly row: z.ZodObject;
  /** Told unless others are asked for. */
  readonly usual: readonly string[];
  readonly columns: string;
  readonly from: string;
  conditions(filter: F): (Clause | null)[];
}

const emailRow = emailSchema.extend({
  owner_id: z.string(),
  team_id: z.string(),
  cc: z.array(z.string()),
  sent_at: time.nullable(),
  content: z.string(),
});
export const emails: Exported<EmailFilter> = {
  row: emailRow,
  usual: Object.keys(emailSchema.shape),
  columns: `${email_columns}, owner_id, team_id, cc, sent_at, content`,
  from: 'messages',
  conditions: filter => [...emailConditions(filter), hasWords(filter)],
};

export const customers: Exported<CustomerFilter> = {
  row: customerSchema,
  usual: Object.keys(customerSchema.shape),
  columns: customer_columns,
  from: 'customers',
  conditions: customerConditions,
};

export interface PersonFilter {
  readonly organization_id?: string | undefined;
  readonly person_id?: string | undefined;
  readonly kind?: string | undefined;
  readonly grade?: string | undefined;
  readonly from_ms?: number | undefined;
  readonly to_ms?: number | undefined;
}
const ofPersons = (filter: PersonFilter, at: string): (Clause | null)[] => [
  equals('organization_id', filter.organization_id),
  equals('person_id', filter.person_id),
  equals('kind', filter.kind),
  equals('grade', filter.grade),
  when('from_ms', filter.from_ms, `${at} >= ${instant('from_ms')}`),
  when('to_ms', filter.to_ms, `${at} < ${instant('to_ms')}`),
];

export const interactions: Exported<PersonFilter> = {
  row: interactionSchema,
  usual: Object.keys(interactionSchema.shape),
  columns: interaction_columns,
  from: 'interactions',
  conditions: filter => ofPersons(filter, 'occurred_at'),
};

export const conversations: Exported<ConversationFilter & { readonly now: Now }> = {
  row: toldConversationSchema,
  usual: Object.keys(toldConversationSchema.shape),
  columns: conversation_columns,
  from: 'conversations',
  conditions: filter => conversationConditions(filter, filter.now),
};

/** Every score that a lead ever had. */
const leadRow = z.object({
  person_id: z.string(),
  organization_id: z.string(),
  mailbox: z.string(),
  owner_id: z.string(),
  team_id: z.string(),
  score: z.int(),
  grade: z.string(),
  fit: z.int(),
  engagement: z.int(),
  fit_log_odds: z.number(),
  engagement_log_odds: z.number(),
  confidence: z.number(),
  log_odds: z.number(),
  bias: z.number(),
  reasons: z.array(reason),
  stage: z.string().nullable(),
  outcome: z.string().nullable(),
  model_version: z.string(),
  version: z.int(),
  scored_at: time,
  decayed_to: time.nullable(),
  caused_by: z.string(),
});
export const leads: Exported<PersonFilter> = {
  row: leadRow,
  usual: Object.keys(leadRow.shape),
  columns: Object.keys(leadRow.shape).join(', '),
  from: 'lead_scores',
  conditions: filter => ofPersons(filter, 'scored_at'),
};

export const deadLetters: Exported<DeadLetterFilter> = {
  row: deadLetter,
  usual: Object.keys(deadLetter.shape),
  columns: dead_letter_columns,
  from: 'dead_letters',
  conditions: deadLetterConditions,
};

/** In the order in which the engine has them: to sort all would be to hold all. */
export function exportOf<F>(
  what: Exported<F>,
  filter: F,
  fields: readonly string[],
  format: Format,
  limit: number,
): Clause {
  const { sql, params } = where(what.conditions(filter));
  const cells = fields.map(field => (format === 'csv' ? cellOf(what.row, field) : `\`${field}\``));
  return {
    sql: `SELECT ${cells.join(', ')} FROM (SELECT ${what.columns} FROM ${what.from} ${sql}) LIMIT {limit:UInt64}
      SETTINGS date_time_output_format = 'iso', format_csv_null_representation = '' FORMAT ${engine_formats[format]}`,
    params: { ...params, limit },
  };
}

export function countOf<F>(what: Exported<F>, filter: F): Clause {
  const { sql, params } = where(what.conditions(filter));
  return { sql: `SELECT count() AS rows FROM ${what.from} ${sql}`, params };
}

const engine_formats: Readonly<Record<Format, string>> = {
  csv: 'CSVWithNames',
  ndjson: 'JSONEachRow',
  parquet: 'Parquet',
};

/** What a cell of text may begin with that a spreadsheet would take for a formula (OWASP, CSV injection). */
const formula = "'^[=+\\\\-@\\\\t\\\\r]'";

/** A cell of CSV has text alone. A sender chooses what is in it, and must not choose what a spreadsheet does. */
function cellOf(row: z.ZodObject, field: string): string {
  const text = { text: `\`${field}\``, list: `arrayStringConcat(\`${field}\`, ', ')`, other: null, objects: null };
  const kind = kindOf(row.shape[field] as z.ZodType);
  if (kind === 'objects') return `toJSONString(\`${field}\`) AS \`${field}\``;
  const cell = text[kind];
  return cell === null
    ? `\`${field}\``
    : `if(match(${cell}, ${formula}), concat('''', ${cell}), ${cell}) AS \`${field}\``;
}

function kindOf(schema: z.ZodType): 'text' | 'list' | 'objects' | 'other' {
  if (schema instanceof z.ZodNullable) return kindOf(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodArray) return schema.element instanceof z.ZodString ? 'list' : 'objects';
  return schema instanceof z.ZodString ? 'text' : 'other';
}
