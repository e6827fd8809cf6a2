/** The task's types as ours. */
const ours: Readonly<Record<string, string>> = {
  corporation: 'organisation',
  group: 'organisation',
  location: 'place',
  'creative-work': 'work',
};

export function typeOf(type: string): string {
  return ours[type] ?? type;
}
