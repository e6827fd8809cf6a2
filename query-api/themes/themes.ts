/**
 * What conversations are about: groups of those whose words are alike, what each is called, and which are written about more than
 * before. Nothing is trained: words count by how rare they are among the texts themselves (TF-IDF), texts are gathered around
 * leaders by the cosine of their words (Hartigan 1975, ch. 3), those leaders likewise, and texts moved to the nearest twice. Deterministic.
 */
import { termsOf } from './words.ts';

export interface Text {
  readonly id: string;
  readonly at_ms: number;
  readonly subject: string;
  /** What follows it; may be empty. */
  readonly words: string;
}

export interface Theme {
  /** Up to three of its terms, the most telling first. */
  readonly terms: readonly string[];
  readonly texts: number;
  readonly texts_before: number;
  /** Of all texts of their time, 0 to 1. */
  readonly share: number;
  readonly share_before: number;
  /** How many standard errors the share has risen by, or fallen where it is negative; from 2 on it is hardly chance. */
  readonly rise: number;
  /** The three that are nearest to its middle, newer ones where there are some. */
  readonly examples: readonly string[];
}

/** Terms of a text that count, the rarest first. */
const terms_max = 16;
const likeness_min = 0.25;
/** Of two groups, to be one. */
const group_likeness_min = 0.4;
const rounds = 2;
const themes_max = 400;
const texts_min = 3;
const examples_max = 3;
/** What stands in the subject is what it is about. */
const subject_weight = 2;

type Vector = ReadonlyMap<string, number>;

/** Texts are new from `since_ms` on. Those that are like no two others are in no theme. The largest rise first. */
export function themesOf(texts: readonly Text[], since_ms: number): Theme[] {
  const ordered = [...texts].sort((a, b) => a.at_ms - b.at_ms || (a.id < b.id ? -1 : 1));
  const terms = ordered.map(termsOfText);
  const vectors = vectorsOf(terms.map(({ words }) => words));
  const pairs = terms.map(one => one.pairs);
  let groups = merge(gather(vectors));
  for (let round = 0; round < rounds; round++) groups = reassign(vectors, groups);
  const isNew = ordered.map(({ at_ms }) => at_ms >= since_ms);
  const all = isNew.filter(Boolean).length;
  return groups
    .filter(({ members }) => members.length >= texts_min)
    .map(group => themeOf(group, ordered, vectors, pairs, isNew, all))
    .sort((a, b) => b.rise - a.rise || b.texts - a.texts || (a.terms.join() < b.terms.join() ? -1 : 1));
}

function termsOfText({ subject, words }: Text): { words: Map<string, number>; pairs: readonly string[] } {
  const [above, below] = [termsOf(subject), termsOf(words)];
  const weights = new Map(below.words.map(word => [word, 1]));
  for (const word of above.words) weights.set(word, subject_weight);
  return { words: weights, pairs: [...new Set([...above.pairs, ...below.pairs])] };
}

/** Of length 1 each; empty for a text that shares no word with another. */
function vectorsOf(texts: readonly ReadonlyMap<string, number>[]): Vector[] {
  const counts = new Map<string, number>();
  for (const weights of texts) for (const word of weights.keys()) counts.set(word, (counts.get(word) ?? 0) + 1);
  return texts.map(weights => {
    const told = [...weights]
      .map(([word, weight]): [string, number] => [word, weight * rarity(counts.get(word) ?? 0, texts.length)])
      .filter(([, weight]) => weight > 0)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .slice(0, terms_max);
    return unit(new Map(told));
  });
}

/** 0 for what one text alone has, and for what more than half of them have. */
const rarity = (count: number, of: number): number => (count < 2 || count * 2 > of ? 0 : Math.log(of / count));

function unit(vector: ReadonlyMap<string, number>): Vector {
  const length = Math.sqrt([...vector.values()].reduce((sum, one) => sum + one * one, 0));
  return length === 0 ? vector : new Map([...vector].map(([term, weight]) => [term, weight / length]));
}

interface Group {
  readonly members: number[];
  /** The sum of its members' vectors. */
  readonly sum: Map<string, number>;
}

/** Groups by term, so that a text is compared only with those that share one. */
class Groups {
  readonly all: Group[] = [];
  readonly #byTerm = new Map<string, Set<Group>>();

  /** The one that is more like it than `min`. */
  nearest(vector: Vector, min = likeness_min): Group | null {
    const dots = new Map<Group, number>();
    for (const [term, weight] of vector) {
      for (const group of this.#byTerm.get(term) ?? [])
        dots.set(group, (dots.get(group) ?? 0) + weight * (group.sum.get(term) ?? 0));
    }
    let best: Group | null = null;
    let best_likeness = min;
    for (const [group, dot] of dots) {
      const likeness = dot / lengthOf(group);
      if (likeness > best_likeness) [best, best_likeness] = [group, likeness];
    }
    return best;
  }

  open(): Group | null {
    if (this.all.length === themes_max) return null;
    const group: Group = { members: [], sum: new Map() };
    this.all.push(group);
    return group;
  }

  index(group: Group, vector: Vector): void {
    for (const term of vector.keys()) {
      const groups = this.#byTerm.get(term) ?? new Set();
      groups.add(group);
      this.#byTerm.set(term, groups);
    }
  }
}

const lengths = new WeakMap<Group, { readonly members: number; readonly length: number }>();

/** Worked out again only when somebody has joined. */
function lengthOf(group: Group): number {
  const known = lengths.get(group);
  if (known?.members === group.members.length) return known.length;
  let squares = 0;
  for (const weight of group.sum.values()) squares += weight * weight;
  const length = Math.sqrt(squares);
  lengths.set(group, { members: group.members.length, length });
  return length;
}

function join(group: Group, at: number, vector: Vector): void {
  group.members.push(at);
  for (const [term, weight] of vector) group.sum.set(term, (group.sum.get(term) ?? 0) + weight);
}

function gather(vectors: readonly Vector[]): Group[] {
  const groups = new Groups();
  for (const [at, vector] of vectors.entries()) {
    if (vector.size === 0) continue;
    const group = groups.nearest(vector) ?? groups.open();
    if (group === null) continue;
    join(group, at, vector);
    groups.index(group, vector);
  }
  return groups.all;
}

/** Groups that are alike become one, the smaller joining the larger. */
function merge(small: readonly Group[]): Group[] {
  const groups = new Groups();
  for (const one of [...small].sort((a, b) => b.members.length - a.members.length)) {
    const group = groups.nearest(unit(one.sum), group_likeness_min) ?? groups.open();
    if (group === null) continue;
    for (const [word, weight] of one.sum) group.sum.set(word, (group.sum.get(word) ?? 0) + weight);
    group.members.push(...one.members);
    groups.index(group, one.sum);
  }
  return groups.all;
}

/** Each text to the group whose middle it is nearest to; those of one text or two are no middles. */
function reassign(vectors: readonly Vector[], before: readonly Group[]): Group[] {
  const middles = new Groups();
  const next = new Map<Group, Group>();
  for (const group of before) {
    if (group.members.length < texts_min) continue;
    middles.all.push(group);
    middles.index(group, group.sum);
    next.set(group, { members: [], sum: new Map() });
  }
  for (const [at, vector] of vectors.entries()) {
    const nearest = middles.nearest(vector);
    const group = nearest && next.get(nearest);
    if (group) join(group, at, vector);
  }
  return [...next.values()];
}

function themeOf(
  { members, sum }: Group,
  texts: readonly Text[],
  vectors: readonly Vector[],
  pairs: readonly (readonly string[])[],
  isNew: readonly boolean[],
  all: number,
): Theme {
  const count = members.filter(at => isNew[at]).length;
  const before = members.length - count;
  const all_before = texts.length - all;
  const likeness = (at: number): number =>
    [...(vectors[at] ?? [])].reduce((dot, [term, weight]) => dot + weight * (sum.get(term) ?? 0), 0);
  const nearest = [...members].sort(
    (a, b) => Number(isNew[b]) - Number(isNew[a]) || likeness(b) - likeness(a) || b - a,
  );
  return {
    terms: namesOf(
      sum,
      members.map(at => pairs[at] ?? []),
    ),
    texts: count,
    texts_before: before,
    share: all === 0 ? 0 : count / all,
    share_before: all_before === 0 ? 0 : before / all_before,
    rise: riseOf(count, all, before, all_before),
    examples: nearest.slice(0, examples_max).map(at => (texts[at] as Text).id),
  };
}

const names_max = 3;

/** The heaviest words, each with the one that most of its texts have beside it, if more than half of all do. */
function namesOf(sum: ReadonlyMap<string, number>, pairs: readonly (readonly string[])[]): string[] {
  const counts = new Map<string, number>();
  for (const pair of pairs.flat()) counts.set(pair, (counts.get(pair) ?? 0) + 1);
  const common = [...counts].filter(([, count]) => count * 2 > pairs.length).sort((a, b) => b[1] - a[1]);
  const names: string[] = [];
  for (const [word] of [...sum].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) {
    if (names.length === names_max) break;
    if (names.some(name => name.split(' ').includes(word))) continue;
    names.push(common.find(([pair]) => pair.split(' ').includes(word))?.[0] ?? word);
  }
  return names;
}

/** The difference of two shares in its standard errors, each with one text more of each kind (Agresti & Caffo 2000). */
function riseOf(count: number, all: number, before: number, all_before: number): number {
  const [share, share_before] = [(count + 1) / (all + 2), (before + 1) / (all_before + 2)];
  const variance = (share * (1 - share)) / (all + 2) + (share_before * (1 - share_before)) / (all_before + 2);
  return (share - share_before) / Math.sqrt(variance);
}
