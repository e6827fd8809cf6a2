import { createHash } from 'node:crypto';

/**
 * A record's id: 32 hex digits that depend on the organisation and the record's natural key alone, so the same record
 * has the same id however often and from wherever it arrives.
 */
export function recordId(organization_id: string, ...naturalKey: string[]): string {
  return createHash('sha256')
    .update([organization_id, ...naturalKey].join('\n'))
    .digest('hex')
    .slice(0, 32);
}
