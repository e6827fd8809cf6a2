/**
 * Erased persons stay erased: what is inserted again after a crash, or read again from Kafka, leaves out their rows. Their
 * records end as erased, so that the accounts still add up.
 */

/** What follows FROM in an INSERT's SELECT. `person` is SQL for the one person that a row is about. */
export const unlessErased = (organization: string, person: string): string =>
  `WHERE (${organization}, ${person}) NOT IN (${erased})`;
export const onlyErased = (organization: string, person: string): string =>
  `WHERE (${organization}, ${person}) IN (${erased})`;

/** Whoever is erased after the rows were stored is not left out of them, so asking after that is soon enough. */
export const anyoneErased = 'SELECT 1 FROM erasures LIMIT 1';

const erased = 'SELECT organization_id, person_id FROM erasures';

/** Whom a mail is about: the one it is from, or of ours the one it is to; one to several of them is about none alone. */
export const correspondent =
  "if(direction = 'outbound', if(length(email.`to`) = 1, email.`to`[1].address, ''), email.`from`.address)";
