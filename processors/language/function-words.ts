import { hashOf } from '../text/tokens.ts';

/** Words that no English sentence of some length is without, and that hardly stand in sentences of other languages. */
export const english: ReadonlySet<number> = new Set(
  (
    "the and of to is it you that this with for on are be at have your from not but we they i i'm my our what will can " +
    "would could should there their was were been has had just about when who how why which if all out get got don't " +
    "can't it's that's you're he she his her them these those please thanks thank hello hi hey dear regards new any some " +
    'more very because than then into over after before know need want like good great today tomorrow let us so by an'
  )
    .split(' ')
    .map(hashOf),
);
