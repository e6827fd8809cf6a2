/** What is wrong with hooks beyond their form: a secret that is not there, a mapping that can never make a record. */
import { statSync } from 'node:fs';
import { messageOf } from '../../lib/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import { CrmLine } from '../parse/crm.ts';
import type { HookSettings } from './settings.ts';

export interface HookFault {
  /** Below the hook. */
  readonly path: readonly string[];
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export function hookFaults(hook: HookSettings): HookFault[] {
  return [...secretFaults(hook.verify), ...(hook.kind === 'crm' ? crmFaults(hook.map) : [])];
}

function secretFaults({ scheme, secret, secret_file }: HookSettings['verify']): HookFault[] {
  const faults: HookFault[] = [];
  const add = (severity: HookFault['severity'], path: string[], message: string) =>
    faults.push({ path: ['verify', ...path], severity, message });
  if (secret === undefined && secret_file === undefined) add('error', [], 'secret or secret_file is missing');
  if (secret !== undefined && secret_file !== undefined) add('error', [], 'secret and secret_file are both given');
  if (secret !== undefined)
    add('warning', ['secret'], 'a secret in a configuration file; a secret_file keeps it apart');
  if (secret_file !== undefined) {
    try {
      if ((statSync(secret_file).mode & 0o004) !== 0) add('warning', ['secret_file'], 'everybody may read it');
    } catch (error) {
      add('error', ['secret_file'], messageOf(error));
    }
  }
  if (scheme === 'token' || scheme === 'basic') {
    add(
      'warning',
      ['scheme'],
      'the secret itself is sent, and the body is not signed; where the sender can, use an HMAC',
    );
  }
  return faults;
}

/** What the record has besides, the hook itself gives it. */
const given = ['change_id', 'fields'];
const needed = ['crm', 'id', 'changed_at'];

function crmFaults(map: HookSettings['map']): HookFault[] {
  const known = Object.keys(CrmLine.shape).filter(name => !given.includes(name));
  const missing = needed.filter(name => !Object.hasOwn(map, name));
  const unknown = Object.keys(map).filter(name => !known.includes(name));
  return [
    ...missing.map(name => ({
      path: ['map'],
      severity: 'error' as const,
      message: `${name} is missing: every change needs it`,
    })),
    ...unknown.map(name => {
      const guess = nearest(name, known);
      const message = `a CRM change has no such field${guess ? `; did you mean "${guess}"?` : ''}`;
      return { path: ['map', name], severity: 'error' as const, message };
    }),
  ];
}
