/** Which words are names of people, places and organisations, titles and so on: the lexicon of the npm package compromise (MIT). */
import { list } from '../../processors/entities/words.ts';
import { hashOf } from '../../processors/text/tokens.ts';

const bits: Readonly<Record<string, number>> = {
  FemaleName: list.first_name,
  MaleName: list.first_name,
  FirstName: list.first_name,
  LastName: list.last_name,
  City: list.place,
  Place: list.place,
  Country: list.place,
  Region: list.place,
  Organization: list.organisation,
  SportsTeam: list.organisation,
  Demonym: list.people,
  Actor: list.title,
  Honorific: list.title,
  WeekDay: list.calendar,
  Month: list.calendar,
  Person: list.part,
};

/** Of names of several words, short words are on too many. */
const part_chars_min = 3;

/** Bits of `list` by hash. `lexicon` is word or words to what they are. */
export function wordLists(lexicon: Readonly<Record<string, string | readonly string[]>>): Map<number, number> {
  const lists = new Map<number, number>();
  const add = (word: string, on: number): void => {
    const hash = hashOf(word);
    lists.set(hash, (lists.get(hash) ?? 0) | on);
  };
  for (const [entry, tags] of Object.entries(lexicon)) {
    const on = [tags].flat().reduce((sum, tag) => sum | (bits[tag] ?? 0), 0);
    if (on === 0) continue;
    const words = entry.split(' ');
    if (words.length === 1) add(entry, on);
    else if (on & (list.place | list.organisation | list.part))
      for (const word of words) if (word.length >= part_chars_min) add(word, list.part);
  }
  return lists;
}
