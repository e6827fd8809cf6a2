/** Something that a text names. `start` and `end` are UTF-16 units of the text; `end` is behind the last. */
export interface Found {
  readonly type: EntityType;
  readonly start: number;
  readonly end: number;
}

/** A work is a film, a book, a song. An order number is one of an invoice, a ticket or the like as well. */
export type EntityType =
  | 'person'
  | 'organisation'
  | 'place'
  | 'product'
  | 'work'
  | 'date'
  | 'money'
  | 'phone'
  | 'email'
  | 'url'
  | 'order_number';
