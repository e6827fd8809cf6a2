/** Something that a text names. `start` and `end` are UTF-16 units of the text; `end` is behind the last. */
export interface Found {
  readonly type: EntityType;
  readonly start: number;
  readonly end: number;
}

export type EntityType = (typeof entity_types)[number];

/** Where two overlap, the type that comes first here is kept. */
export const entity_types = [
  'email',
  'url',
  'order_number',
  'money',
  'date',
  'phone',
  'person',
  'organisation',
  'place',
  'product',
  'work',
] as const;
