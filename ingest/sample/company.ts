/** The sample company, its people and its customers. All invented; `.example` belongs to nobody (RFC 2606). */
import { sample_domain } from '../../schemas/sample.ts';
import { createRandom } from './random.ts';

export const company_name = 'Harbourline';

export interface Employee {
  /** Their `owner_id`. */
  id: string;
  name: string;
  first: string;
  team: 'sales' | 'support' | 'finance';
  address: string;
}

const employee = (name: string, team: Employee['team']): Employee => {
  const first = name.split(' ')[0]!;
  const id = first.toLowerCase();
  return { id, name, first, team, address: `${id}@${sample_domain}` };
};

export const staff = {
  maya: employee('Maya Okafor', 'sales'),
  tom: employee('Tom Reyes', 'sales'),
  lena: employee('Lena Fischer', 'support'),
  idris: employee('Idris Khan', 'support'),
  grace: employee('Grace Lin', 'finance'),
} as const;

/** Addresses that a team reads together. */
export const shared = {
  sales: `sales@${sample_domain}`,
  support: `support@${sample_domain}`,
  billing: `billing@${sample_domain}`,
} as const;

export interface Account {
  name: string;
  domain: string;
  industry: string;
  city: string;
  seats: number;
  status: 'customer' | 'trial' | 'prospect';
  /** How they feel about us at the beginning and at the end, −1 to 1. */
  mood: readonly [number, number];
  people: Person[];
}

export interface Person {
  name: string;
  first: string;
  address: string;
  title: string;
  account: Account;
  greeting: string;
  farewell: string;
  /** Writes HTML, as most mail programs do. */
  html: boolean;
  /** Answers above the whole quoted mail. */
  quotes: boolean;
}

type Row = readonly [
  name: string,
  industry: string,
  city: string,
  seats: number,
  status: Account['status'],
  from: number,
  to: number,
];

const rows: readonly Row[] = [
  ['Brightwater Heating', 'heating', 'Bristol', 48, 'customer', 0.6, -0.9],
  ['Calder Lifts', 'lift maintenance', 'Leeds', 120, 'customer', 0.2, -0.7],
  ['Orchard Glazing', 'glazing', 'Hereford', 22, 'customer', 0.5, 0.8],
  ['Nordlys Elektro', 'electrical', 'Bergen', 64, 'customer', -0.5, 0.7],
  ['Pemberton Roofing', 'roofing', 'Wigan', 31, 'customer', 0.1, 0.2],
  ['Vandermeer Cooling', 'refrigeration', 'Utrecht', 85, 'customer', 0.7, 0.6],
  ['Aldgate Facilities', 'facility management', 'London', 210, 'customer', 0.3, -0.4],
  ['Quartz Plumbing', 'plumbing', 'Cardiff', 18, 'customer', 0.4, 0.5],
  ['Hollis & Daughters', 'joinery', 'Norwich', 12, 'customer', 0.8, 0.9],
  ['Steiner Aufzüge', 'lift maintenance', 'Graz', 57, 'customer', 0.0, 0.3],
  ['Redfern Security', 'alarm systems', 'Derby', 40, 'customer', -0.2, -0.6],
  ['Maple Ridge Pools', 'pool service', 'Hamilton', 26, 'customer', 0.6, 0.4],
  ['Oakhurst Solar', 'solar installation', 'Exeter', 73, 'trial', 0.4, 0.8],
  ['Kestrel Drainage', 'drainage', 'Stoke', 35, 'trial', 0.3, 0.6],
  ['Lumen Signs', 'sign making', 'Dublin', 15, 'trial', 0.2, -0.3],
  ['Fjord Kitchens', 'kitchen fitting', 'Stavanger', 29, 'trial', 0.5, 0.7],
  ['Bellweather Windows', 'window cleaning', 'York', 52, 'trial', 0.1, 0.1],
  ['Tamarind Events', 'event technology', 'Manchester', 44, 'trial', 0.6, 0.2],
  ['Greyfriars Estates', 'property management', 'Perth', 95, 'prospect', 0.3, 0.5],
  ['Cobalt Compressors', 'compressed air', 'Sheffield', 66, 'prospect', 0.2, 0.6],
  ['Lindqvist Glas', 'glazing', 'Malmö', 38, 'prospect', 0.4, 0.4],
  ['Sparrow Couriers', 'courier services', 'Reading', 130, 'prospect', 0.1, -0.2],
  ['Moorland Pumps', 'pump service', 'Durham', 24, 'prospect', 0.3, 0.3],
  ['Azure Pest Control', 'pest control', 'Brighton', 20, 'prospect', 0.2, 0.5],
  ['Whitestone Clinics', 'medical equipment', 'Bath', 78, 'prospect', 0.5, 0.6],
];

const firstNames = (
  'Anna Ben Carla Dev Elin Femi Gita Hugo Iris Jonas Kira Liam Mira Noor Oscar Petra Quinn Rosa Sven Tara Umar Vera ' +
  'Will Xenia Yara Zack Amelia Bruno Chloe Dario Edith Farid Greta Hassan Ingrid Jakub Katrin Luca Martha Nils Olga ' +
  'Pablo Ruth Stefan Thea Ulrich Viola Wanda Yusuf Zoe Alan Bianca Colin Doris Ewan Fiona Gareth Helen Ivan Joan'
).split(' ');
const lastNames = (
  'Abbott Berg Castellan Dunmore Eriksen Fairley Gruber Hargreaves Ilves Jensen Kowalski Lovell Marsh Novak Osborne ' +
  'Pryce Quill Rahman Santos Thorne Underhill Vogel Whitlock Yates Zeller Ashby Bjork Connolly Dahl Ellery'
).split(' ');
const titles = [
  'Operations Manager',
  'Office Manager',
  'Managing Director',
  'Dispatcher',
  'Service Manager',
  'IT Manager',
  'Accounts',
];

function createAccounts(): Account[] {
  const random = createRandom(20);
  return rows.map(([name, industry, city, seats, status, from, to], index) => {
    const ascii = name
      .toLowerCase()
      .replace('ü', 'ue')
      .replace(/[^a-z]+/g, '-');
    const account: Account = {
      name,
      domain: `${ascii}.example`,
      industry,
      city,
      seats,
      status,
      mood: [from, to],
      people: [],
    };
    const size = status === 'customer' ? 3 : 2;
    for (let i = 0; i < size; i++) {
      const first = firstNames[(index + i * rows.length) % firstNames.length]!;
      const last = lastNames[(index * 7 + i * 11) % lastNames.length]!;
      account.people.push({
        name: `${first} ${last}`,
        first,
        address: `${first}.${last}@${account.domain}`.toLowerCase(),
        title: titles[(index + i * 3) % titles.length]!,
        account,
        greeting: random.pick(['Hi', 'Hello', 'Dear', 'Hi', '']),
        farewell: random.pick(['Best,', 'Thanks,', 'Kind regards,', 'Cheers,', 'Regards,', 'Many thanks']),
        html: random.chance(0.4),
        quotes: random.chance(0.6),
      });
    }
    return account;
  });
}

export const accounts: readonly Account[] = createAccounts();

/** How an account feels at a time from 0 to 1. */
export function moodOf(account: Account, at: number): number {
  return account.mood[0] + (account.mood[1] - account.mood[0]) * at;
}
