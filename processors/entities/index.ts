/** What a text names: people, organisations, places, products, works by a model, the rest by rules. */
import type { Entity } from '../../schemas/generated.ts';
import { modelOnDemand } from '../models.ts';
import { kind, type Tokens } from '../text/tokens.ts';
import { businessNames } from './business.ts';
import { findByRule } from './finders.ts';
import type { Found } from './found.ts';
import { hashes } from './scan.ts';
import { type Name, Tagger } from './tagger.ts';
import { list } from './words.ts';

/** A text names more only where it is a list. */
export const entities_max = 100;

const tagger = modelOnDemand('entities', file => new Tagger(file));

/** Rules and model. */
export const entitiesModel = {
  name: 'entities',
  get version() {
    return `${tagger.version} rules-2`;
  },
};

/** Words that begin lines of mails with a capital and name nothing by themselves. */
const unnamed = hashes(
  'hi hello hey dear hallo best kind warm regards wishes thanks thank you many sincerely cheers yours faithfully re fw fwd subject from to ' +
    'sent date cc mr mrs ms dr please note attached the a an and or of in on at for with by is are was i we my our your his her it this that ' +
    'ok yes no team all everyone sir madam order invoice ticket tel phone fax email mail mobile e pm am today tomorrow asap fyi btw lol omg',
);

/**
 * At most `entities_max`, in the text's order, none overlapping another: of two that do, what a rule finds is kept rather than what the
 * model finds. `tokens` is the text's; linear in them. In a language that the model does not know (`known` false) rules alone find.
 */
export function entitiesOf(tokens: Tokens, known = true): Entity[] {
  const names = known
    ? tagger
        .loaded()
        .names(tokens)
        .filter(name => isName(tokens, name))
    : [];
  const found = [...findByRule(tokens, entities_max), ...businessNames(tokens, entities_max), ...names];
  const kept = withoutOverlaps(found).slice(0, entities_max);
  return kept.map(({ type, start, end }) => ({ text: tokens.text.slice(start, end), type, start, end }));
}

/** `found` in the order of preference. */
function withoutOverlaps(found: readonly Found[]): Found[] {
  const order = found.map((_, at) => at).sort((a, b) => found[a]!.start - found[b]!.start || a - b);
  const kept: number[] = [];
  for (const at of order) {
    // What was kept ends before this one begins, or is what this one contends with; several may go for one better.
    let better = true;
    let cut = kept.length;
    while (better && cut > 0 && found[kept[cut - 1]!]!.end > found[at]!.start) {
      if (kept[cut - 1]! < at) better = false;
      else cut--;
    }
    if (!better) continue;
    kept.length = cut;
    kept.push(at);
  }
  return kept.map(at => found[at]!);
}

/** Not greetings, weekdays, titles or small words alone, nor marks. */
function isName(tokens: Tokens, { from, to, start, end }: Name): boolean {
  // A bar parts what stands in one line: "CTO | Acme".
  if (end - start < 2 || tokens.text.slice(start, end).includes('|')) return false;
  const { lists } = tagger.loaded().attributes;
  for (let token = from; token < to; token++) {
    if (tokens.kind[token] !== kind.word || unnamed.has(tokens.hash[token]!)) continue;
    if ((lists[token + 2]! & ~(list.title | list.part)) === list.calendar) continue;
    return true;
  }
  return false;
}
