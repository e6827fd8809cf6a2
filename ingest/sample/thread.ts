/** A conversation between a customer and the company: each mail answers the one before. */
import type { Employee, Person } from './company.ts';
import { addMail, newMessageId, type Script } from './script.ts';

/** How many Message-IDs a mail refers to. */
const references_max = 20;

export interface Thread {
  customerSays(at: number, person: Person, text: string): void;
  staffSays(at: number, employee: Employee, to: Person, text: string): void;
}

interface Said {
  at: number;
  from: { name: string; address: string };
  text: string;
}

/** All mails of the thread reach the one mailbox, the company's own answers too. */
export function openThread(script: Script, subject: string, mailbox: string, owner: Employee): Thread {
  const references: string[] = [];
  let last: Said | null = null;

  function say(said: Said, to: { name: string; address: string }, isQuoting: boolean, html: boolean): void {
    const message_id = newMessageId(script, said.from.address);
    addMail(
      script,
      { at: said.at, mailbox, owner },
      {
        from: said.from,
        to: [to],
        subject: last === null ? subject : `Re: ${subject}`,
        message_id,
        references: references.slice(-references_max),
        text: said.text,
        html,
        ...(isQuoting && last !== null ? { quoted: last } : {}),
      },
    );
    references.push(message_id);
    last = said;
  }

  return {
    customerSays(at, person, text) {
      const from = { name: person.name, address: person.address };
      say({ at, from, text }, { name: '', address: mailbox }, person.quotes, person.html);
    },
    staffSays(at, employee, to, text) {
      const from = { name: employee.name, address: mailbox };
      say({ at, from, text }, { name: to.name, address: to.address }, script.random.chance(0.5), false);
    },
  };
}
