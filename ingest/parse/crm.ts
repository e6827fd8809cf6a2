/** A CRM change as one NDJSON line: `{"crm": "deal", "id": "42", "changed_at": "…", "stage": "proposal", …}`. */
import { z } from 'zod';
import type { CrmChanged, Owner } from '../../schemas/generated.ts';
import { recordId } from './record-id.ts';
import { canonicalJson, emailAddress, identifier, jsonObject, lineText, storedJson, time } from './schema.ts';

/** Unknown names are refused: a misspelt `amount` would otherwise vanish. What a CRM has besides goes into `fields`. */
export const CrmLine = z.strictObject({
  crm: z.enum(['contact', 'account', 'lead', 'deal']),
  id: identifier,
  /** The CRM's own id of the change, if it has one. */
  change_id: identifier.nullish(),
  operation: z.enum(['upsert', 'delete']).default('upsert'),
  changed_at: time,
  /** Of the person the object is about. */
  email: emailAddress.or(z.literal('')).nullish(),
  name: lineText.nullish(),
  account: lineText.nullish(),
  stage: lineText.nullish(),
  /** In the CRM's currency. */
  amount: z.number().nullish(),
  outcome: z.enum(['won', 'lost']).nullish(),
  /** The user the object belongs to. */
  owner: identifier.nullish(),
  team: identifier.nullish(),
  fields: jsonObject.nullish(),
});

/** `original` is the line before validation: what makes a change without an id of its own distinct. */
export function crmChange(
  line: z.infer<typeof CrmLine>,
  original: unknown,
  owner: Owner,
  now_ms: number,
): Omit<CrmChanged, 'lineage'> {
  // Two changes of one object in the same second differ in content only; the time alone would drop the second.
  const change = line.change_id ?? `${line.changed_at}\n${canonicalJson(original)}`;
  return {
    change_id: recordId(owner.organization_id, 'crm', line.crm, line.id, change),
    owner: { ...owner, owner_id: line.owner ?? owner.owner_id, team_id: line.team ?? owner.team_id },
    object: line.crm,
    object_id: line.id,
    operation: line.operation,
    changed_at_ms: Math.min(line.changed_at, now_ms),
    received_at_ms: now_ms,
    person_email: line.email ?? '',
    person_name: line.name ?? '',
    account: line.account ?? '',
    stage: line.stage ?? null,
    amount: line.amount ?? null,
    outcome: line.outcome ?? null,
    fields: storedJson(line.fields ?? {}),
  };
}
