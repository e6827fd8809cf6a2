import type { Order } from './keyed-list.ts';
import type { Customer, Mail } from './model.ts';

/** Newest first, as the API pages them. */
export const byTime: Order<Mail> = {
  key: mail => mail.email_id,
  compare: (a, b) => b.received_at - a.received_at || descending(a.email_id, b.email_id),
  items_max: 1000,
};

/** Best first. One person may be a customer of several organisations. */
export const byScore: Order<Customer> = {
  key: customer => `${customer.organization_id} ${customer.person_id}`,
  compare: (a, b) => b.score - a.score || descending(a.person_id, b.person_id),
  items_max: 500,
};

function descending(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0;
}
