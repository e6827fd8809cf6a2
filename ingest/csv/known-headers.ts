/**
 * Exports that are recognised by their header: column names as the vendors' own exports write them. The first entry whose
 * columns are all there is taken.
 */
import { columnsOf, type Mapping, type Place } from './mapping.ts';

interface Known {
  readonly export: string;
  readonly record: Mapping['record'];
  /** Names so common that their case is part of them: an `id` and a `name` say nothing. */
  readonly isExact?: true;
  readonly columns: Readonly<Record<string, Place>>;
  /** Recognised by these too: an object's own title, which is no person's name, stays among its cells. */
  readonly besides?: readonly string[];
  /** Taken where the file has them. */
  readonly optional?: Readonly<Record<string, Place>>;
}

const won = { Won: 'won', won: 'won', true: 'won', 'Closed Won': 'won', closedwon: 'won' };
const lost = { Lost: 'lost', lost: 'lost', 'Closed Lost': 'lost', closedlost: 'lost' };

const known: readonly Known[] = [
  // HubSpot, CRM > Export.
  {
    export: 'HubSpot deals',
    record: 'deal',
    columns: { id: 'Record ID', stage: 'Deal Stage' },
    besides: ['Deal Name'],
    optional: {
      amount: 'Amount',
      changed_at: 'Last Modified Date',
      owner: 'Deal owner',
      account: 'Associated Company',
      outcome: { column: 'Deal Stage', values: { ...won, ...lost } },
    },
  },
  {
    export: 'HubSpot contacts',
    record: 'contact',
    columns: { id: 'Record ID', email: 'Email', name: ['First Name', 'Last Name'] },
    optional: {
      changed_at: 'Last Modified Date',
      owner: 'Contact owner',
      account: 'Associated Company',
      stage: 'Lifecycle Stage',
    },
  },
  {
    export: 'HubSpot companies',
    record: 'account',
    columns: { id: 'Record ID' },
    besides: ['Company name'],
    optional: { changed_at: 'Last Modified Date', owner: 'Company owner', account: 'Company name' },
  },
  // Salesforce, Data Loader and data export: API names.
  {
    export: 'Salesforce opportunities',
    isExact: true,
    record: 'deal',
    columns: { id: 'Id', stage: 'StageName' },
    besides: ['Name'],
    optional: {
      amount: 'Amount',
      changed_at: 'LastModifiedDate',
      owner: 'OwnerId',
      account: 'AccountId',
      outcome: { column: 'StageName', values: { ...won, ...lost } },
    },
  },
  {
    export: 'Salesforce leads',
    isExact: true,
    record: 'lead',
    columns: { id: 'Id', email: 'Email', name: ['FirstName', 'LastName'], account: 'Company' },
    optional: { changed_at: 'LastModifiedDate', owner: 'OwnerId', stage: 'Status' },
  },
  {
    export: 'Salesforce contacts',
    isExact: true,
    record: 'contact',
    columns: { id: 'Id', email: 'Email', name: ['FirstName', 'LastName'] },
    optional: { changed_at: 'LastModifiedDate', owner: 'OwnerId', account: 'AccountId' },
  },
  {
    export: 'Salesforce accounts',
    isExact: true,
    record: 'account',
    columns: { id: 'Id' },
    besides: ['Name'],
    optional: { changed_at: 'LastModifiedDate', owner: 'OwnerId', account: 'Name' },
  },
  // Salesforce, reports: labels. They have an id only where its column was added.
  {
    export: 'Salesforce opportunity report',
    record: 'deal',
    columns: { id: 'Opportunity ID', stage: 'Stage' },
    besides: ['Opportunity Name'],
    optional: {
      amount: 'Amount',
      changed_at: 'Last Modified Date',
      owner: 'Opportunity Owner',
      account: 'Account Name',
      outcome: { column: 'Stage', values: { ...won, ...lost } },
    },
  },
  {
    export: 'Salesforce lead report',
    record: 'lead',
    columns: { id: 'Lead ID', email: 'Email', name: ['First Name', 'Last Name'] },
    optional: {
      changed_at: 'Last Modified Date',
      owner: 'Lead Owner',
      account: 'Company / Account',
      stage: 'Lead Status',
    },
  },
  {
    export: 'Salesforce contact report',
    record: 'contact',
    columns: { id: 'Contact ID', email: 'Email', name: ['First Name', 'Last Name'] },
    optional: { changed_at: 'Last Modified Date', owner: 'Contact Owner', account: 'Account Name' },
  },
  // Pipedrive, Export data.
  {
    export: 'Pipedrive deals',
    record: 'deal',
    columns: { id: 'Deal - ID', stage: 'Deal - Stage' },
    besides: ['Deal - Title'],
    optional: {
      amount: 'Deal - Value',
      changed_at: 'Deal - Update time',
      owner: 'Deal - Owner',
      account: 'Deal - Organization',
      outcome: { column: 'Deal - Status', values: { ...won, ...lost } },
    },
  },
  {
    export: 'Pipedrive people',
    record: 'contact',
    columns: { id: 'Person - ID', name: 'Person - Name' },
    optional: {
      email: 'Person - Email - Work',
      changed_at: 'Person - Update time',
      owner: 'Person - Owner',
      account: 'Person - Organization',
    },
  },
  {
    export: 'Pipedrive organizations',
    record: 'account',
    columns: { id: 'Organization - ID' },
    besides: ['Organization - Name'],
    optional: {
      changed_at: 'Organization - Update time',
      owner: 'Organization - Owner',
      account: 'Organization - Name',
    },
  },
  {
    export: 'mails',
    record: 'mail',
    columns: { from: 'from', to: 'to', subject: 'subject', date: 'date', body: 'body' },
    optional: { cc: 'cc', message_id: 'message_id' },
  },
];

/** Whose export has such a header, and how it is read; null where nobody's that is known. */
export function recognise(header: readonly string[]): { export: string; mapping: Mapping } | null {
  // Vendors change the case of a label now and then.
  const written = new Map(header.map(name => [name.toLowerCase(), name]));
  const has = (place: Place, isExact = false): boolean =>
    columnsOf(place).every(name => (isExact ? header.includes(name) : written.has(name.toLowerCase())));
  const found = known.find(({ columns, besides = [], isExact }) =>
    [...Object.values(columns), ...besides].every(place => has(place, isExact)),
  );
  if (!found) return null;
  const optional = Object.entries(found.optional ?? {}).filter(([, place]) => has(place));
  const places = Object.entries({ ...found.columns, ...Object.fromEntries(optional) });
  const columns = Object.fromEntries(places.map(([field, place]) => [field, asWritten(place, written)]));
  return {
    export: found.export,
    mapping: { record: found.record, columns, timezone: 'UTC', decimal: '.' } as Mapping,
  };
}

function asWritten(place: Place, written: ReadonlyMap<string, string>): Place {
  const nameOf = (name: string): string => written.get(name.toLowerCase()) ?? name;
  if (typeof place === 'string') return nameOf(place);
  if (Array.isArray(place)) return place.map(nameOf);
  return 'column' in place ? { ...place, column: nameOf(place.column) } : place;
}
