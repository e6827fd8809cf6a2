import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Customer, EmailEnriched } from '../schemas/generated.ts';
import { customerRow, emailRow, leadRow } from './rows.ts';

const owner = { organization_id: 'o', mailbox: 'm@x.com', owner_id: 'u', team_id: 't' };
const lineage = { source: 's', sequence: 1, origin: 'live' as const, ingested_at_ms: 0, hops: [] };

describe('a row made of a record', () => {
  it('shows no more of a mail than its first 300 characters, whole ones', () => {
    const text = '💶'.repeat(400);
    const email = {
      email_id: 'e',
      owner,
      message_id: '<e@x>',
      thread_id: 't',
      from: { name: 'Ada', address: 'ada@x.com' },
      to: [{ name: '', address: 'b@x.com' }],
      received_at_ms: Date.UTC(2026, 2, 14),
      subject: 'S',
      text,
      quoted_text: 'secret',
    };
    const found = { direction: 'inbound', sentiment: 'neutral', sentiment_score: 0, category: 'c', importance: 1 };
    const row = emailRow({ email, ...found, lineage } as unknown as EmailEnriched, Date.UTC(2026, 2, 15));
    expect(row.excerpt).toBe('💶'.repeat(300));
    expect(row).toMatchObject({
      id: 'e',
      sender: 'ada@x.com',
      recipients: ['b@x.com'],
      received_at: '2026-03-14T00:00:00.000Z',
      created_at: '2026-03-15T00:00:00.000Z',
    });
    expect(JSON.stringify(row)).not.toContain('secret');
  });

  it('has the columns of the customers’ list and no others', () => {
    const customer = {
      person_id: 'p',
      owner,
      name: 'P',
      first_seen_ms: 0,
      last_seen_ms: 0,
      updated_at_ms: 0,
      decayed_to_ms: null,
      score: 7,
    };
    const row = customerRow({ ...customer, version: 3, caused_by: 'i', lineage } as unknown as Customer);
    expect(Object.keys(row).sort()).toEqual(
      [
        'decayed_to',
        'first_seen_at',
        'id',
        'last_seen_at',
        'name',
        'organization_id',
        'person_id',
        'score',
        'updated_at',
      ].sort(),
    );
  });

  it('has the columns of the table of scores, but for where its record came from', () => {
    const migration = (name: string): string =>
      readFileSync(new URL(`../schemas/migrations/${name}.sql`, import.meta.url), 'utf8');
    const [, table = ''] = /CREATE TABLE lead_scores\n\(\n(.*?)\n\)\n/s.exec(migration('001_tables')) ?? [];
    const added = migration('014_lead_halves').matchAll(/^ALTER TABLE lead_scores ADD COLUMN (\w+)/gm);
    const columns = [
      ...table.split('\n').map(line => line.trim().split(' ')[0] ?? ''),
      ...[...added].map(([, name = '']) => name),
    ];
    const from = ['source', 'sequence', 'ingested_at', 'kafka_topic_id', 'kafka_partition', 'kafka_offset'];
    const customer = { person_id: 'p', owner, version: 3, updated_at_ms: 0, decayed_to_ms: 0, caused_by: 'i', lineage };
    const row = leadRow(customer as unknown as Customer);
    expect(Object.keys(row).sort()).toEqual(['id', ...columns.filter(name => !from.includes(name))].sort());
    expect(row.id).toBe('["p",3]');
  });
});
