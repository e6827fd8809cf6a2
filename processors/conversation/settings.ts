/** How conversations are judged is configured: working hours and promises, of all organisations and of single ones. */
import { z } from 'zod';
import { usual_hours, weekdays } from '../../lib/business-time.ts';
import { isTimeZone } from '../../lib/calendar.ts';
import { type ConversationSettings, usual_settings } from './rules.ts';

const time_of_day = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'no time of day: it is like 09:00');
const time_zone = z.string().refine(isTimeZone, 'no time zone: it is like Europe/Berlin');
const days = z.array(z.enum(weekdays)).min(1);
const holidays = z.array(z.iso.date()).max(10_000);
const resolved_after_days = z.coerce.number().int().min(1).max(60);
const first_response_minutes = z.record(z.string(), z.number().int().min(1).max(100_000));

/** Of every organisation that has none of its own. */
export const conversationSettings = {
  business_calendar: z
    .strictObject({
      time_zone: time_zone.default(usual_hours.time_zone).describe('on whose clocks the working hours are'),
      days: days.default([...usual_hours.days]).describe('working days'),
      hours: z
        .strictObject({
          from: time_of_day.default(usual_hours.hours.from).describe('when a working day begins'),
          to: time_of_day
            .default(usual_hours.hours.to)
            .describe('when it ends; on the next day where that is not later, `24:00` at midnight'),
        })
        .prefault({}),
      holidays: holidays.default([]).describe('days on which nobody works'),
    })
    .prefault({}),
  resolved_after_days: resolved_after_days
    .default(usual_settings.resolved_after_days)
    .describe('working days of silence after an answer of ours, until a conversation counts as resolved'),
  first_response_minutes: first_response_minutes
    .default({ ...usual_settings.first_response_minutes })
    .describe(
      'working minutes in which a customer’s first mail is to be answered, by category, and under `default` for all others',
    ),
};

/** Each makes a clock, whose year takes milliseconds. */
const organizations_max = 200;

export const organizationsSettings = z
  .array(
    z.strictObject({
      id: z
        .string()
        .regex(/^[\w.-]{1,64}$/)
        .describe('which organisation'),
      business_calendar: z
        .strictObject({
          time_zone: time_zone.optional().describe('as above'),
          days: days.optional().describe('in place of those above'),
          hours: z
            .strictObject({ from: time_of_day.describe('as above'), to: time_of_day.describe('as above') })
            .optional(),
          holidays: holidays.optional().describe('in place of those above; `[]` for none'),
        })
        .optional(),
      resolved_after_days: resolved_after_days.optional().describe('as above'),
      first_response_minutes: first_response_minutes
        .optional()
        .describe('in place of those above, `default` among them: what has none is promised nothing'),
    }),
  )
  .max(organizations_max)
  .superRefine((all, { addIssue }) => {
    for (const [at, { id }] of all.entries())
      if (all.findIndex(one => one.id === id) < at)
        addIssue({ code: 'custom', path: [at, 'id'], message: `${id} is there twice` });
  })
  .default([])
  .describe(
    'Organisations with working hours or promises of their own. What one leaves out is as `organization` says it, which holds for all others.',
  );

/** Of the organisations that have some of their own, whole. */
export function settingsByOrganization(
  usual: ConversationSettings,
  own: z.output<typeof organizationsSettings>,
): ReadonlyMap<string, ConversationSettings> {
  return new Map(
    own.map(({ id, business_calendar: calendar = {}, ...rest }) => [
      id,
      {
        business_calendar: {
          time_zone: calendar.time_zone ?? usual.business_calendar.time_zone,
          days: calendar.days ?? usual.business_calendar.days,
          hours: calendar.hours ?? usual.business_calendar.hours,
          holidays: calendar.holidays ?? usual.business_calendar.holidays,
        },
        resolved_after_days: rest.resolved_after_days ?? usual.resolved_after_days,
        first_response_minutes: rest.first_response_minutes ?? usual.first_response_minutes,
      },
    ]),
  );
}
