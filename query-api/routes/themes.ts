/** What customers write about, and what of it they write about more than before. */
import { z } from 'zod';
import { json } from '../../lib/http.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import { misfit } from '../metric-frame.ts';
import { instant_ms, limit, name } from '../parameters.ts';
import { beginnings } from '../queries/themes.ts';
import { instant, iso } from '../rows.ts';
import type { ThemeFinder } from '../themes/finder.ts';

const day_ms = 86_400_000;
const before_ms_max = 400 * day_ms;
/** Comparing them takes one thread most of a second. */
const texts_max = 2_000;

export function themeRoutes({ find }: Pick<ThemeFinder, 'find'>): DescribedRoute[] {
  return [
    describe({
      method: 'GET',
      path: '/api/themes',
      access: 'read',
      tag: 'Conversations',
      summary:
        'What customers wrote about when they began a conversation; what rose most against the time before comes first',
      query: themesQuery,
      answers: { 200: { description: 'Themes', schema: themes } },
      fresh: true,
      async handle({ request, query, tables }) {
        const to_ms = query.to ?? Date.now();
        const since_ms = query.from ?? to_ms - 30 * day_ms;
        if (since_ms >= to_ms) throw misfit('to', 'must be later than from');
        const span_ms = Math.min(to_ms - since_ms, before_ms_max);
        const from_ms = since_ms - span_ms;
        const { organization_id, category, team_id } = query;
        const filter = { organization_id, category, team_id, from_ms, to_ms };
        const found = await beginnings(await tables(), filter, texts_max + 1);
        const used = found.slice(0, texts_max);
        const texts = used.map((one, at) => ({
          id: String(at),
          at_ms: one.at_ms,
          subject: one.subject,
          words: one.words,
        }));
        const all = await find(texts, since_ms, request.signal);
        const conversations = used.filter(({ at_ms }) => at_ms >= since_ms).length;
        return json(200, {
          from: iso(since_ms),
          to: iso(to_ms),
          before_from: iso(from_ms),
          conversations,
          conversations_before: used.length - conversations,
          sampled: found.length > texts_max,
          themes: all.slice(0, query.limit).map(({ terms, texts, texts_before, examples, ...theme }) => ({
            name: terms.join(', '),
            conversations: texts,
            conversations_before: texts_before,
            ...theme,
            examples: examples.flatMap(id => {
              const one = used[Number(id)];
              return one === undefined ? [] : [exampleOf(one)];
            }),
          })),
        });
      },
    }),
  ];
}

const themesQuery = z.strictObject({
  organization_id: name.optional(),
  category: name.optional(),
  team_id: name.optional(),
  from: instant_ms
    .optional()
    .describe('30 days before `to` unless given; as much time before it, 400 days at most, is what it is held against'),
  to: instant_ms.optional().describe('Now unless given'),
  limit,
});

const example = z.object({
  conversation_id: z.string(),
  organization_id: z.string(),
  subject: z.string(),
  customer: z.string(),
});
const exampleOf = ({ conversation_id, organization_id, subject, customer }: z.infer<typeof example>) => ({
  conversation_id,
  organization_id,
  subject,
  customer,
});

const themes = z
  .object({
    from: instant,
    to: instant,
    before_from: instant,
    conversations: z.int().describe('Begun by a customer from `from` on'),
    conversations_before: z.int(),
    sampled: z.boolean().describe('Whether there are more than are looked at'),
    themes: z.array(
      z.object({
        name: z.string().describe('Its most telling words'),
        conversations: z.int(),
        conversations_before: z.int(),
        share: z.number().min(0).max(1).describe('Of all conversations from `from` on'),
        share_before: z.number().min(0).max(1),
        rise: z
          .number()
          .describe(
            'The change of the share in its standard errors: from 2 on it is hardly chance; negative where it fell',
          ),
        examples: z.array(example),
      }),
    ),
  })
  .meta({ id: 'Themes' });
