import { describe, expect, it } from 'vitest';
import type { Email, EmailReceived, EventReceived, Seen } from '../schemas/generated.ts';
import { deduplicate } from './deduplicate.ts';
import { email, lineage } from './test-records.ts';

const { on } = deduplicate.definition;
const context = { at_ms: 1_700_000_000_000, tables: {} };

function received(given: Partial<Email>, sequence = 1, source = 'a'): EmailReceived {
  return { email: email(given), lineage: { ...lineage, source, sequence } };
}
const inMailbox = (mailbox: string): Partial<Email> => ({
  owner: { organization_id: 'o', mailbox, owner_id: '', team_id: '' },
});

describe('deduplicate', () => {
  it('lets the first arrival pass, and remembers it with its mailbox', () => {
    const result = on.email?.(received(inMailbox('x@y')), null, context);
    expect(result?.state).toEqual({
      source: 'a',
      sequence: 1,
      mailboxes: ['x@y'],
      original: email({}).original_sha256.slice(0, 16),
    });
    expect(Object.keys(result?.emit ?? {})).toEqual(['email', 'delivery']);
  });

  it('makes a second arrival a duplicate that names the first', () => {
    const seen: Seen = { source: 'a', sequence: 1, mailboxes: ['x@y'], original: '' };
    const result = on.email?.(received(inMailbox('x@y'), 9, 'b'), seen, context);
    expect(result?.state).toBeUndefined();
    expect(result?.emit).toEqual({
      duplicate: expect.objectContaining({
        kind: 'email',
        first_source: 'a',
        first_sequence: 1,
        seen_at_ms: context.at_ms,
      }),
    });
  });

  it('counts a mail in a further mailbox as a duplicate with one more delivery', () => {
    const seen: Seen = { source: 'a', sequence: 1, mailboxes: ['x@y'], original: '' };
    const result = on.email?.(received(inMailbox('z@y'), 2), seen, context);
    expect(result?.state).toEqual({ ...seen, mailboxes: ['x@y', 'z@y'] });
    expect(Object.keys(result?.emit ?? {})).toEqual(['duplicate', 'delivery']);
  });

  it('delivers what was handed in only to whom has the very mail: its Message-ID can be read off any answer to it', () => {
    const first = on.email?.(received({ ...inMailbox('x@y'), original_sha256: 'a'.repeat(64) }), null, context);
    const handIn = (original_sha256: string, seen = first?.state ?? null) =>
      on.email?.(received({ ...inMailbox(''), original_sha256 }, 7, 'api'), seen, context);
    expect(Object.keys(handIn('b'.repeat(64))?.emit ?? {})).toEqual(['duplicate']);
    expect(handIn('b'.repeat(64))?.state).toBeUndefined();
    expect(Object.keys(handIn('a'.repeat(64))?.emit ?? {})).toEqual(['duplicate', 'delivery']);
    // What was remembered before originals were is nobody's who hands in.
    const before: Seen = { source: 'a', sequence: 1, mailboxes: ['x@y'], original: '' };
    expect(Object.keys(handIn('a'.repeat(64), before)?.emit ?? {})).toEqual(['duplicate']);
  });

  it('knows CRM changes and events by their ids alone', () => {
    const event: EventReceived = {
      event_id: 'e',
      owner: { organization_id: 'o', mailbox: '', owner_id: '', team_id: '' },
      name: 'signup',
      person_email: '',
      occurred_at_ms: 1,
      received_at_ms: 1,
      data: '{}',
      lineage,
    };
    expect(Object.keys(on.event?.(event, null, context).emit ?? {})).toEqual(['event']);
    const again = on.event?.(event, { source: 'a', sequence: 1, mailboxes: [], original: '' }, context);
    expect(Object.keys(again?.emit ?? {})).toEqual(['duplicate']);
  });
});
