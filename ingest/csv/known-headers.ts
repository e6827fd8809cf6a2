/**
 * Exports that are recognised by their header: column names as the vendors' own exports write them. The first entry whose
 * columns are all there is taken.
 */
import { columnsOf, type Mapping, type Place } from './mapping.ts';

interface Known {
  readonly export: string;
  readonly record: Mapping['record'];
  readonly columns: Readonly<Record<string, Place>>;
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
    columns: { id: 'Record ID', name: 'Deal Name', stage: 'Deal Stage' },
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
    columns: { id: 'Record ID', name: 'Company name' },
    optional: { changed_at: 'Last Modified Date', owner: 'Company owner', account: 'Company name' },
  },
  // Salesforce, Data Loader and data export: API names.
  {
    export: 'Salesforce opportunities',
    record: 'deal',
    columns: { id: 'Id', name: 'Name', stage: 'StageName' },
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
    record: 'lead',
    columns: { id: 'Id', email: 'Email', name: ['FirstName', 'LastName'], account: 'Company' },
    optional: { changed_at: 'LastModifiedDate', owner: 'OwnerId', stage: 'Status' },
  },
  {
    export: 'Salesforce contacts',
    record: 'contact',
    columns: { id: 'Id', email: 'Email', name: ['FirstName', 'LastName'] },
    optional: { changed_at: 'LastModifiedDate', owner: 'OwnerId', account: 'AccountId' },
  },
  {
    export: 'Salesforce accounts',
    record: 'account',
    columns: { id: 'Id', name: 'Name' },
    optional: { changed_at: 'LastModifiedDate', owner: 'OwnerId', account: 'Name' },
  },
  // Pipedrive, Export data.
  {
    export: 'Pipedrive deals',
    record: 'deal',
    columns: { id: 'Deal - ID', name: 'Deal - Title', stage: 'Deal - Stage' },
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
    columns: { id: 'Organization - ID', name: 'Organization - Name' },
    optional: {
      changed_at: 'Organization - Update time',
      owner: 'Organization - Owner',
      account: 'Organization - Name',
    },
  },
];

/** Whose export has such a header, and how it is read; null where nobody's that is known. */
export function recognise(header: readonly string[]): { export: string; mapping: Mapping } | null {
  const has = (place: Place): boolean => columnsOf(place).every(name => header.includes(name));
  const found = known.find(({ columns }) => Object.values(columns).every(has));
  if (!found) return null;
  const optional = Object.entries(found.optional ?? {}).filter(([, place]) => has(place));
  const columns = { ...found.columns, ...Object.fromEntries(optional) };
  return {
    export: found.export,
    mapping: { record: found.record, columns, timezone: 'UTC', decimal: '.' } as Mapping,
  };
}
