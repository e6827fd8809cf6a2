import { hours } from './clock.ts';
import { type Account, accounts, type Employee, type Person, shared, staff } from './company.ts';
import { accountWords, addLine, customerText, fill, type Script, staffText } from './script.ts';
import * as texts from './texts-sales.ts';
import { openThread } from './thread.ts';

type Result = 'won' | 'lost' | 'open';

/** Who looks after an account. */
export function sellerOf(account: Account): Employee {
  return accounts.indexOf(account) % 2 === 0 ? staff.maya : staff.tom;
}

/** A deal for each account: the mails, and the stages that the CRM sees. */
export function playSales(script: Script): void {
  for (const account of accounts) {
    const isNew = account.status !== 'customer';
    const start = script.random.between(0, 0.45);
    playDeal(script, account, start, isNew ? 6 : script.random.int(3, 6));
  }
}

function resultOf(account: Account): Result {
  if (account.mood[1] >= 0.5) return 'won';
  return account.mood[1] < 0 ? 'lost' : 'open';
}

function playDeal(script: Script, account: Account, start: number, steps: number): void {
  const { random } = script;
  const seller = sellerOf(account);
  const buyer = account.people[0]!;
  const words = accountWords(buyer);
  const say = (lines: readonly string[]) => fill(script, random.pick(lines), words);
  const result = resultOf(account);
  const deal = {
    crm: 'deal',
    id: `deal-${script.newId()}`,
    email: buyer.address,
    name: buyer.name,
    account: account.name,
  };
  const amount = account.seats * 18 * 12;
  let at = start;
  const pause = (least: number, most: number) => {
    at += hours(random.between(least, most));
  };
  const isNew = account.status !== 'customer';
  const subjects = isNew ? texts.enquiry_subjects : texts.expansion_subjects;
  const thread = openThread(script, fill(script, random.pick<string>(subjects), words), shared.sales, seller);
  const asks = (text: string) => thread.customerSays(at, buyer, customerText(buyer, seller.first, [text]));
  const answers = (text: string) => thread.staffSays(at, seller, buyer, staffText(seller, buyer.first, [text]));
  const enters = (stage: string, more: object = {}) =>
    addCrm(script, at + hours(0.4), seller, {
      ...deal,
      stage,
      amount,
      fields: { seats: account.seats, kind: isNew ? 'new business' : 'expansion' },
      ...more,
    });

  asks(say(isNew ? texts.enquiries : texts.expansions));
  enters('discovery');
  pause(0.3, 6);
  answers(say(isNew ? texts.enquiry_answers : texts.expansion_answers));
  pause(4, 16);
  if (steps <= 2) return;
  enters('demo');
  asks(say(texts.demo_followups));
  pause(0.5, 5);
  answers(say(texts.demo_answers));
  enters('proposal');
  if (steps <= 3) return;
  pause(5, 25);
  if (result === 'open') {
    answers(say(texts.silence_nudges));
    return;
  }
  asks(say(texts.negotiations));
  pause(0.5, 6);
  answers(say(texts.negotiation_answers));
  enters('negotiation');
  if (steps <= 4) return;
  pause(6, 30);
  asks(say(result === 'won' ? texts.won_mails : texts.lost_mails));
  enters(result, { outcome: result, amount: result === 'won' ? Math.round(amount * 0.95) : amount });
}

/** Accounts and contacts as the CRM has them, and leads that come and go. */
export function playCrm(script: Script): void {
  const { random } = script;
  for (const account of accounts) {
    const seller = sellerOf(account);
    addCrm(script, random.between(0, 0.02), seller, {
      crm: 'account',
      id: `account-${account.domain}`,
      account: account.name,
      stage: account.status,
      fields: { industry: account.industry, city: account.city, seats: account.seats },
    });
    for (const person of account.people) addCrm(script, random.between(0.02, 0.05), seller, contactOf(person));
  }
  const people = accounts.filter(({ status }) => status === 'prospect').flatMap(account => account.people);
  for (const person of people) {
    const lead = {
      crm: 'lead',
      id: `lead-${script.newId()}`,
      email: person.address,
      name: person.name,
      account: person.account.name,
    };
    const at = random.between(0.05, 0.6);
    addCrm(script, at, sellerOf(person.account), { ...lead, stage: 'new' });
    if (random.chance(0.8))
      addCrm(script, at + hours(random.between(2, 20)), sellerOf(person.account), { ...lead, stage: 'contacted' });
    if (random.chance(0.5))
      addCrm(script, at + hours(random.between(22, 60)), sellerOf(person.account), {
        ...lead,
        stage: random.pick(['qualified', 'nurture', 'disqualified']),
      });
  }
}

function contactOf(person: Person): object {
  return {
    crm: 'contact',
    id: `contact-${person.address}`,
    email: person.address,
    name: person.name,
    account: person.account.name,
    fields: { title: person.title },
  };
}

export function addCrm(script: Script, at: number, owner: Employee, change: object): void {
  const change_id = `change-${script.newId()}`;
  addLine(script, at, clock => ({
    ...change,
    change_id,
    changed_at: new Date(clock(at)).toISOString(),
    owner: owner.id,
    team: owner.team,
  }));
}
