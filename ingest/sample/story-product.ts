import { sample_domain } from '../../schemas/sample.ts';
import { hours } from './clock.ts';
import { accounts, type Person } from './company.ts';
import { addLine, type End, type Script } from './script.ts';

const pages = [
  '/',
  '/features',
  '/customers',
  '/security',
  '/pricing',
  '/blog/first-time-fix',
  '/docs/import',
] as const;
const features = ['week_view', 'map', 'photo_report', 'route_planning', 'export', 'booking_page'] as const;

/** What people do in the product and on the website. */
export function playProduct(script: Script): void {
  for (const account of accounts) {
    for (const person of account.people) {
      if (account.status === 'customer') playCustomer(script, person);
      else if (account.status === 'trial') playTrial(script, person, person === account.people[0]);
      else playVisitor(script, person);
    }
  }
}

function playCustomer(script: Script, person: Person): void {
  const { random } = script;
  for (let i = random.int(4, 8); i > 0; i--) {
    const at = random.between(0, 0.99);
    addEvent(
      script,
      at,
      person,
      random.chance(0.4) ? ['login', {}] : ['feature_used', { feature: random.pick(features) }],
    );
  }
  if (person.account.mood[1] > 0.4 && random.chance(0.4))
    addEvent(script, random.between(0.3, 0.95), person, ['limit_reached', { limit: 'seats' }]);
  if (person.account.mood[1] < -0.5 && random.chance(0.5))
    addEvent(script, random.between(0.8, 0.97), person, ['page_viewed', { path: '/account/cancel' }]);
}

function playTrial(script: Script, person: Person, isFirst: boolean): void {
  const { random } = script;
  let at = random.between(0.05, 0.4);
  const next = (least: number, most: number) => {
    at += hours(random.between(least, most));
    return at;
  };
  addEvent(script, at, person, ['page_viewed', { path: '/pricing' }]);
  addEvent(script, next(0.1, 1), person, ['signup', { plan: 'team' }]);
  if (isFirst) {
    addEvent(script, next(0.1, 0.5), person, ['trial_started', { plan: 'team', days: 21 }]);
    for (let i = random.int(1, 3); i > 0; i--)
      addEvent(script, next(0.2, 6), person, ['teammate_invited', { role: random.pick(['dispatcher', 'technician']) }]);
  }
  for (let i = random.int(4, 9); i > 0; i--)
    addEvent(script, next(1, 12), person, ['feature_used', { feature: random.pick(features) }]);
  if (!isFirst) return;
  if (person.account.mood[1] > 0.3) {
    addEvent(script, next(1, 8), person, ['limit_reached', { limit: 'seats' }]);
    addEvent(script, next(0.2, 4), person, ['pricing_viewed', { path: '/pricing' }]);
    addEvent(script, next(0.2, 8), person, ['checkout_started', { seats: person.account.seats }]);
  } else addEvent(script, next(10, 20), person, ['trial_expired', { plan: 'team' }]);
}

function playVisitor(script: Script, person: Person): void {
  const { random } = script;
  for (let i = random.int(3, 7); i > 0; i--)
    addEvent(script, random.between(0.05, 0.99), person, ['page_viewed', { path: random.pick(pages) }]);
  if (random.chance(0.5)) addEvent(script, random.between(0.2, 0.95), person, ['email_opened', { campaign: 'spring' }]);
  if (random.chance(0.4)) addEvent(script, random.between(0.3, 0.95), person, ['pricing_viewed', { path: '/pricing' }]);
  if (person.account.mood[1] > 0.4 && person === person.account.people[0])
    addEvent(script, random.between(0.2, 0.5), person, ['demo_requested', { seats: person.account.seats }]);
}

/** `happenedAt` is when it happened, where it arrives only now. */
export function addEvent(
  script: Script,
  at: number,
  person: Person,
  [type, data]: readonly [type: string, data: unknown],
  { happenedAt, end = 'stored' }: { happenedAt?: number; end?: End } = {},
): void {
  const id = `event-${script.newId()}`;
  addLine(
    script,
    Math.min(at, 0.999),
    clock => ({
      specversion: '1.0',
      id,
      source: `//app.${sample_domain}`,
      type,
      time: new Date(clock(Math.min(happenedAt ?? at, 0.999))).toISOString(),
      subject: person.address,
      data,
    }),
    { end, live: happenedAt !== undefined },
  );
}
