/** What can be said of a mail: by the models, and by whoever corrects them. */

/** What a mail is about, in the order that breaks ties. */
export const categories = [
  'sales',
  'support',
  'billing',
  'scheduling',
  'recruiting',
  'legal',
  'newsletter',
  'notification',
  'personal',
  'spam',
  'other',
] as const;
export type Category = (typeof categories)[number];

const yes_or_no = ['no', 'yes'] as const;

/** The labels of each model that learns, in the order of its classes. */
export const labels = {
  sentiment: ['negative', 'neutral', 'positive'],
  category: categories,
  spam: yes_or_no,
  asks: yes_or_no,
  importance: yes_or_no,
} as const;

export type LearningModel = keyof typeof labels;
