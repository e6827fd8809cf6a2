import { hashOf } from '../text/tokens.ts';

/** Words that say nothing of what a text is about, in the languages most met. */
export const small: ReadonlySet<number> = new Set(
  (
    'the a an and or but of to in on at for with by from as is are was were be been being it its this that these those i we you he she they ' +
    'me us him her them my our your his their not no do does did done have has had will would can could should may might must shall if ' +
    "then than so too very just also there here what which who when where why how all any some more most other about into over up out i'm " +
    "it's don't can't we're you're i've we've i'll we'll hi hello dear hey thanks thank please regards best kind am let get got " +
    'der die das den dem des ein eine einen einem und oder aber von zu im in am an auf für mit ist sind war ich wir sie er es ihr nicht auch ' +
    'le la les un une des et ou mais de du à au aux en sur pour par avec est sont je nous vous il elle ne pas que qui ' +
    'el los las y o pero del al con por para es son yo se no que het een en of van op te met voor dat niet'
  )
    .split(' ')
    .map(hashOf),
);

/** "I hope you had a nice weekend": the sentence is politeness. */
export const pleasant: ReadonlySet<number> = new Set(
  'hope trust weekend weather holidays vacation wochenende urlaub wetter hoffe espero espère'.split(' ').map(hashOf),
);
