/** Columns that every table has, as expressions over the record. */

export const owner = (of: string): Record<string, string> => ({
  organization_id: `${of}.organization_id`,
  mailbox: `${of}.mailbox`,
  owner_id: `${of}.owner_id`,
  team_id: `${of}.team_id`,
});

export const lineage: Record<string, string> = {
  source: 'lineage.source',
  sequence: 'lineage.sequence',
  ingested_at: 'lineage.ingested_at_ms',
};

export const origin: Record<string, string> = { origin: 'lineage.origin' };

export const place: Record<string, string> = {
  kafka_topic_id: '_topic_id',
  kafka_partition: '_partition',
  kafka_offset: '_offset',
};

/** A column a field, under the field's own name. */
export const same = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map(name => [name, `\`${name}\``]));

/** The same, of a nested record. */
export const from = (record: string, ...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map(name => [name, `${record}.\`${name}\``]));
