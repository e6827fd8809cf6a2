import type { Address, Direction, Email } from '../../schemas/generated.ts';
import type { OwnCategories } from './own-categories.ts';

/** The organisation's own addresses, lower case. A domain stands for its subdomains too. */
export interface OwnAddresses {
  readonly domains: readonly string[];
  readonly addresses: readonly string[];
}

/** What an organisation says of itself that bears on the understanding of its mail. */
export interface Organisation extends OwnAddresses {
  readonly categories?: OwnCategories;
}

/**
 * Which way a mail crosses the organisation's border. Where nothing is known to be ours, every mail is inbound; a mail of ours
 * that names no recipient went to somebody hidden, so it counts as outbound.
 */
export function directionOf(email: Pick<Email, 'from' | 'to' | 'cc'>, ours: OwnAddresses): Direction {
  if (!isOurs(email.from, ours)) return 'inbound';
  const recipients = [...email.to, ...email.cc];
  return recipients.length > 0 && recipients.every(each => isOurs(each, ours)) ? 'internal' : 'outbound';
}

export function isOurs({ address }: Address, ours: OwnAddresses): boolean {
  const at = address.lastIndexOf('@');
  if (at < 0) return false;
  const domain = address.slice(at + 1);
  return ours.domains.some(own => domain === own || domain.endsWith(`.${own}`)) || ours.addresses.includes(address);
}
