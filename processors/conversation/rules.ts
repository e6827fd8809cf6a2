/** By what conversations are judged: the organisation's working hours, and what it has promised. */
import { type BusinessClock, type BusinessHours, createBusinessClock, usual_hours } from '../../lib/business-time.ts';

export interface ConversationSettings {
  readonly business_calendar: BusinessHours;
  /** So many working days after our last answer, without a mail of the customer's, a conversation counts as resolved. */
  readonly resolved_after_days: number;
  /** Working minutes in which a customer's first mail is to be answered, by category; `default` is of all others. */
  readonly first_response_minutes: Readonly<Record<string, number>>;
}

/** Those of all organisations, and of the ones that have some of their own. */
export interface SettingsOfAll extends ConversationSettings {
  readonly organizations?: ReadonlyMap<string, ConversationSettings>;
}

export const usual_settings: ConversationSettings = {
  business_calendar: usual_hours,
  resolved_after_days: 3,
  first_response_minutes: { default: 480 },
};

export interface ConversationRules {
  readonly clock: BusinessClock;
  /** Working time. */
  readonly resolved_after_ms: number;
  /** In working minutes; null where nothing was promised. */
  targetOf(category: string): number | null;
}

export function rulesOf(settings: ConversationSettings): ConversationRules {
  const clock = createBusinessClock(settings.business_calendar);
  const targets = new Map(Object.entries(settings.first_response_minutes));
  return {
    clock,
    resolved_after_ms: settings.resolved_after_days * clock.day_ms,
    targetOf: category => targets.get(category) ?? targets.get('default') ?? null,
  };
}

/** By organisation. */
export function rulesOfAll({ organizations = new Map(), ...usual }: SettingsOfAll): (id: string) => ConversationRules {
  const usual_rules = rulesOf(usual);
  const own = new Map(Array.from(organizations, ([id, settings]) => [id, rulesOf(settings)]));
  return id => own.get(id) ?? usual_rules;
}
