import { sample_domain } from '../../schemas/sample.ts';
import { hours } from './clock.ts';
import { accounts, company_name, moodOf, type Person, shared, staff } from './company.ts';
import { accountWords, addMail, customerText, fill, newMessageId, type Script, staffText } from './script.ts';
import * as texts from './texts-sales.ts';
import { internal_notes } from './texts-support.ts';
import { openThread } from './thread.ts';

/** Invoices, and what customers answer. */
export function playBilling(script: Script): void {
  const { random } = script;
  for (const account of accounts.filter(({ status }) => status === 'customer')) {
    const person = account.people.at(-1)!;
    const words = { ...accountWords(person), price: account.seats * 18, invoice: `HL-${script.newId().slice(1)}` };
    const say = (lines: readonly string[]) => fill(script, random.pick(lines), words);
    let at = random.between(0.1, 0.85);
    const thread = openThread(script, `Invoice ${words.invoice}`, shared.billing, staff.grace);
    thread.staffSays(at, staff.grace, person, staffText(staff.grace, person.first, [say(texts.invoice_mails)]));
    if (random.chance(0.25)) continue;
    at += hours(random.between(1, 12));
    const isAngry = moodOf(account, at) < -0.2;
    thread.customerSays(
      at,
      person,
      customerText(person, staff.grace.first, [say(isAngry ? texts.invoice_complaints : texts.invoice_questions)]),
    );
    at += hours(random.between(0.5, 8));
    thread.staffSays(at, staff.grace, person, staffText(staff.grace, person.first, [say(texts.invoice_answers)]));
  }
}

/** What nobody writes by hand. */
export function playBulk(script: Script): void {
  const { random } = script;
  for (const [name, domain, subjects] of texts.newsletters)
    subjects.forEach((subject, week) => {
      for (const employee of [staff.maya, staff.tom, staff.lena]) {
        const at = Math.min((week + 0.5) / subjects.length + random.between(0, 0.01), 0.99);
        addMail(
          script,
          { at, mailbox: employee.address, owner: employee },
          {
            from: { name, address: `news@${domain}` },
            to: [employee],
            subject,
            message_id: newMessageId(script, `news@${domain}`),
            headers: [
              `List-Id: <weekly.${domain}>`,
              `List-Unsubscribe: <https://${domain}/unsubscribe/${random.hex(8)}>`,
              'Precedence: bulk',
            ],
            text: `${subject}\n\nIn this issue: ${subjects.filter(other => other !== subject).join(' - ')}.\n\nRead on our website.\n\nYou receive this newsletter because you subscribed. Unsubscribe at any time.`,
            html: true,
          },
        );
      }
    });
  for (const [name, address, subject, text] of texts.notifications)
    for (let i = 0; i < 7; i++)
      addMail(
        script,
        { at: random.between(0, 0.99), mailbox: shared.support, owner: staff.idris },
        {
          from: { name, address },
          to: [{ name: '', address: shared.support }],
          subject: fill(script, subject),
          message_id: newMessageId(script, address),
          headers: ['Auto-Submitted: auto-generated'],
          text: fill(script, text),
        },
      );
  for (const [subject, text] of texts.cold_pitches)
    for (let i = 0; i < 3; i++) {
      const address = `${random.pick(['jack', 'lucy', 'max', 'emma'])}@${random.pick(['rankrocket', 'leadstorm', 'devcheap'])}.example`;
      addMail(
        script,
        { at: random.between(0, 0.99), mailbox: shared.sales, owner: staff.tom },
        {
          from: { name: '', address },
          to: [{ name: '', address: shared.sales }],
          subject,
          message_id: newMessageId(script, address),
          text: `Hello,\n\n${fill(script, text)}\n\nBest,\nYour growth partner`,
        },
      );
    }
}

/** Out of office, and mails that came back. */
export function playRobots(script: Script): void {
  const { random } = script;
  const people = accounts.flatMap(account => account.people);
  for (let i = 0; i < 14; i++) addAbsence(script, random.pick(people), random.between(0, 0.99));
  for (let i = 0; i < 5; i++) addBounce(script, random.pick(people), random.between(0, 0.99));
}

function addAbsence(script: Script, person: Person, at: number): void {
  addMail(
    script,
    { at, mailbox: shared.sales, owner: staff.maya },
    {
      from: person,
      to: [{ name: '', address: shared.sales }],
      subject: 'Automatic reply: out of office',
      message_id: newMessageId(script, person.address),
      headers: ['Auto-Submitted: auto-replied', 'X-Auto-Response-Suppress: All', 'Precedence: bulk'],
      text: fill(
        script,
        `Thank you for your mail. I am out of the office until {day} and will answer when I am back. In urgent cases please call our office.\n\n${person.name}`,
      ),
    },
  );
}

function addBounce(script: Script, person: Person, at: number): void {
  const address = `info-${script.newId()}@${person.account.domain}`;
  const daemon = { name: 'Mail Delivery System', address: `mailer-daemon@mail.${sample_domain}` };
  addMail(
    script,
    { at, mailbox: shared.sales, owner: staff.tom },
    {
      from: daemon,
      to: [{ name: '', address: shared.sales }],
      subject: 'Undelivered Mail Returned to Sender',
      message_id: newMessageId(script, daemon.address),
      headers: ['Auto-Submitted: auto-replied', `X-Failed-Recipients: ${address}`],
      text: `Your message could not be delivered to <${address}>.\n\n550 5.1.1 <${address}>: user unknown`,
    },
  );
}

/** Colleagues among themselves. */
export function playInternal(script: Script): void {
  const { random } = script;
  const everyone = Object.values(staff);
  for (let i = 0; i < 34; i++) {
    const from = random.pick(everyone);
    const to = random.pick(everyone.filter(employee => employee !== from));
    const account = random.pick(accounts);
    addMail(
      script,
      { at: random.between(0, 0.99), mailbox: to.address, owner: to },
      {
        from,
        to: [to],
        subject: random.pick([
          account.name,
          `Quick one: ${account.name}`,
          `${company_name} internal`,
          `About ${account.name}`,
        ]),
        message_id: newMessageId(script, from.address),
        text: `${to.first},\n\n${fill(script, random.pick(internal_notes), { company: account.name })}\n\n${from.first}`,
      },
    );
  }
}
