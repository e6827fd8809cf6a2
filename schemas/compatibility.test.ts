import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AvroRecord, incompatibility } from '../lib/avro.ts';
import * as generated from './generated.ts';

const folder = join(import.meta.dirname, 'released');
const present = new Map(Object.values(generated).map(schema => [schema.name, schema]));

/** BACKWARD: whatever was written with a released schema can be read with the present one. */
describe('every released schema', () => {
  it.each(readdirSync(folder))('%s can still be read', file => {
    const released = JSON.parse(readFileSync(join(folder, file), 'utf8')) as AvroRecord;
    const schema = present.get(released.name);
    expect(schema, `${released.name} is gone`).toBeDefined();
    expect(incompatibility(schema as AvroRecord, released)).toBeNull();
  });

  it('would be refused with a required field more', () => {
    const [schema] = present.values();
    const changed = {
      ...(schema as AvroRecord),
      fields: [...(schema as AvroRecord).fields, { name: 'new', type: 'string' }],
    };
    expect(incompatibility(changed, schema as AvroRecord)).toContain('new');
  });
});
