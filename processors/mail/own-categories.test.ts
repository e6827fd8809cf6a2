import { describe, expect, it } from 'vitest';
import { acme, email } from '../test-records.ts';
import { enrichMail, OwnCategories } from './index.ts';
import { ownCategoriesSettings } from './own-categories.ts';

const own = new OwnCategories(
  ownCategoriesSettings.parse([
    { name: 'returns', rules: [{ any: ['return label', 'RMA'] }, { subject: ['send back'] }] },
    { name: 'partner', rules: [{ domain: ['partner.test'], none: ['invoice'] }, { sender: ['bo@small.test'] }] },
    { name: 'both', rules: [{ all: ['red', 'blue sky'] }] },
    {
      name: 'harvest',
      examples: [
        'The apples are ripe and we pick them on Monday.',
        'How many pickers do you need for the apples in the orchard?',
        'Ripe pears in the orchard, the pickers come at dawn.',
      ],
    },
    {
      name: 'shipping',
      examples: [
        'The truck leaves the depot at noon with eleven pallets.',
        'Which depot does the truck take the pallets to?',
        'Pallets are stuck at the depot because the truck broke down.',
      ],
    },
  ]),
);
const judge = (given: Parameters<typeof email>[0], categories = own) =>
  enrichMail(email(given), { ...acme, categories });
const total = (scores: Readonly<Record<string, number>>) => Object.values(scores).reduce((sum, each) => sum + each, 0);

describe('own categories', () => {
  it.each<[string, Parameters<typeof email>[0]]>([
    ['returns', { text: 'Where is my return label?' }],
    ['returns', { subject: 'I send back the lamp' }],
    ['partner', { from: { name: '', address: 'x@eu.partner.test' }, text: 'Hello' }],
    ['partner', { from: { name: '', address: 'bo@small.test' }, text: 'An invoice' }],
    ['both', { text: 'A red boat under a blue, wide… no, a blue sky.' }],
    ['harvest', { text: 'Are the apples ripe? We have pickers for the orchard.' }],
    ['shipping', { text: 'Eleven pallets wait at the depot for the truck.' }],
  ])('%s', (category, given) => {
    const found = judge(given);
    expect(found.category).toBe(category);
    expect(found.models.category).toBe(own.version);
    expect(total(found.category_scores)).toBeCloseTo(1, 12);
  });

  it.each<Parameters<typeof email>[0]>([
    { from: { name: '', address: 'x@notpartner.test' }, text: 'Invoice 4711: payment is overdue.' },
    { from: { name: '', address: 'x@partner.test' }, text: 'Invoice 4711: payment is overdue.' },
    { subject: 'Invoice 4711', text: 'A red payment is overdue, we send back nothing.' },
    { subject: 'Invoice 4711', text: 'The truck was paid.' },
  ])('leaves to the general model what it knows nothing of: %j', given => {
    const found = judge(given);
    expect(found.category).toBe('billing');
    expect(found.models.category).not.toBe(own.version);
  });

  it('has another version with other settings', () => {
    expect(new OwnCategories([]).version).not.toBe(own.version);
  });

  it.each([
    [[{ name: 'Upper', rules: [{ any: ['a'] }] }]],
    [[{ name: 'empty' }]],
    [[{ name: 'a', rules: [{ none: ['x'] }] }]],
    [[{ name: 'a', rules: [{ words: ['x'] }] }]],
    [
      [
        { name: 'a', examples: ['x'] },
        { name: 'a', examples: ['y'] },
      ],
    ],
  ])('refuses %j', settings => {
    expect(ownCategoriesSettings.safeParse(settings).success).toBe(false);
  });
});
