import { hours } from './clock.ts';
import { accounts, moodOf, type Person, shared, staff } from './company.ts';
import { accountWords, addMail, customerText, fill, newMessageId, type Script, staffText } from './script.ts';
import { topics } from './texts-support.ts';
import { apologies, closers, openers, praises, reactions, staff_closers, toneOf } from './texts-tone.ts';
import { openThread } from './thread.ts';

/** Complaints and questions, more of them from those who are unhappy, and in the tone of how they feel by then. */
export function playSupport(script: Script): void {
  const users = accounts.filter(account => account.status !== 'prospect');
  for (const account of users) {
    const trouble = 1 - (account.mood[0] + account.mood[1]) / 2;
    const count = account.status === 'trial' ? 2 : Math.round(2 + trouble * 2.5);
    for (let i = 0; i < count; i++)
      playCase(script, script.random.pick(account.people), (i + script.random.between(0.05, 0.75)) / count);
  }
}

function playCase(script: Script, person: Person, start: number): void {
  const { random } = script;
  const agent = random.pick([staff.lena, staff.idris]);
  const topic = random.pick(topics);
  const words = accountWords(person);
  const say = (text: string) => fill(script, text, words);
  const tone = () => toneOf(moodOf(person.account, at) + random.between(-0.15, 0.15));
  // The last answer of the longest thread still falls before the end.
  let at = start * (1 - hours(45));
  const pause = (least: number, most: number) => {
    at += hours(random.between(least, most));
  };

  const thread = openThread(script, random.pick(topic.subjects), shared.support, agent);
  thread.customerSays(
    at,
    person,
    customerText(person, 'support team', [
      say(random.pick(openers[tone()])),
      `${say(random.pick(topic.problems))} ${say(random.pick(topic.questions))}`,
      say(random.pick(closers[tone()])),
    ]),
  );
  // Some of the latest still wait for us.
  if (start > 0.9 && random.chance(0.6)) return;
  pause(0.3, 7);
  thread.staffSays(
    at,
    agent,
    person,
    staffText(agent, person.first, [
      random.pick(apologies),
      say(random.pick(topic.answers)),
      random.pick(staff_closers),
    ]),
  );
  if (random.chance(0.15)) return;
  pause(0.5, 10);
  const reaction = tone();
  thread.customerSays(at, person, customerText(person, agent.first, [say(random.pick(reactions[reaction]))], true));
  if (reaction !== 'angry' && reaction !== 'low') return;
  pause(0.3, 6);
  thread.staffSays(
    at,
    agent,
    person,
    staffText(agent, person.first, [
      random.pick(apologies),
      say(
        'I have asked our developers to look at your account directly, and they found a second cause. It is corrected now, and I will call you on {day} to make sure.',
      ),
    ]),
  );
  pause(1, 12);
  thread.customerSays(at, person, customerText(person, agent.first, [say(random.pick(reactions[tone()]))], true));
}

/** Mails that only say thank you. */
export function playPraise(script: Script): void {
  const { random } = script;
  for (const account of accounts.filter(({ status }) => status !== 'prospect')) {
    for (let i = 0; i < 3; i++) {
      const at = random.between(0.02, 0.99);
      if (moodOf(account, at) < 0.35) continue;
      const person = random.pick(account.people);
      const recipient = random.pick([staff.maya, staff.lena, staff.idris]);
      addMail(
        script,
        { at, mailbox: recipient.address, owner: recipient },
        {
          from: person,
          to: [recipient],
          subject: random.pick(['Thank you', 'Great work', 'Just to say thanks', 'Feedback']),
          message_id: newMessageId(script, person.address),
          text: customerText(person, recipient.first, [fill(script, random.pick(praises), accountWords(person))]),
          html: person.html,
        },
      );
    }
  }
}
