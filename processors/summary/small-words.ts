import { Phrases } from '../text/phrases.ts';
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

/** How a line to the reader begins. */
export const greetings = new Phrases([
  ...['hi', 'hello', 'hey', 'dear', 'good morning', 'good afternoon', 'good evening', 'hallo', 'liebe', 'lieber'],
  ...[
    'sehr geehrte',
    'sehr geehrter',
    'guten tag',
    'guten morgen',
    'guten abend',
    'bonjour',
    'bonsoir',
    'cher',
    'chère',
  ],
  ...['chers', 'madame', 'monsieur', 'hola', 'estimado', 'estimada', 'estimados', 'querido', 'querida', 'buenos días'],
  ...[
    'buenas tardes',
    'ciao',
    'gentile',
    'egregio',
    'buongiorno',
    'caro',
    'cara',
    'beste',
    'geachte',
    'olá',
    'prezado',
  ],
  ...[
    'prezada',
    'bom dia',
    'boa tarde',
    'szanowny',
    'szanowna',
    'szanowni',
    'dzień dobry',
    'witam',
    'hej',
    'kära',
    'bästa',
  ],
  ...['hei', 'kære', 'здравствуйте', 'уважаемый', 'уважаемая', 'добрый день'],
]);

/** How a sentence begins that could stand in any mail. */
export const manners = new Phrases([
  ...['i', 'we', ''].flatMap(who =>
    [
      ...[
        'this email finds',
        'this e mail finds',
        'this message finds',
        'this mail finds',
        'this finds',
        'you are well',
      ],
      ...["you're well", 'you are doing well', "you're doing well", 'all is well', 'everything is well'],
    ].flatMap(what => [`${who} hope ${what}`, `${who} trust ${what}`]),
  ),
  ...['thank you', 'thanks', 'many thanks'].flatMap(thanks =>
    ['email', 'e mail', 'mail', 'message'].map(what => `${thanks} for your ${what}`),
  ),
  ...['thank you for contacting us', 'please do not hesitate', "please don't hesitate", 'if you have any questions'],
  ...[
    'should you have any questions',
    'feel free to contact',
    'please feel free to contact',
    'looking forward to hearing',
  ],
  ...[
    'i look forward to hearing',
    'we look forward to hearing',
    'vielen dank für ihre nachricht',
    'vielen dank für ihre e mail',
  ],
  ...[
    'vielen dank für ihre mail',
    'danke für ihre nachricht',
    'danke für deine nachricht',
    'ich hoffe es geht ihnen gut',
  ],
  ...[
    'bei fragen',
    'für rückfragen',
    "j'espère que vous allez bien",
    'merci pour votre message',
    'merci de votre message',
  ],
  ...[
    "n'hésitez pas",
    'espero que se encuentre bien',
    'espero que esté bien',
    'gracias por su mensaje',
    'gracias por su correo',
  ],
  ...[
    'no dude en',
    'spero che stia bene',
    'grazie per il suo messaggio',
    'bedankt voor uw bericht',
    'ik hoop dat het goed',
  ],
]);

/** Shortened words that a capital or a number stands behind. */
export const shortened: ReadonlySet<number> = new Set(
  'nr bzw ca inkl zzgl str mio mrd evtl ggf usw tél núm nº art abs fa hr fr sig sra srta'.split(' ').map(hashOf),
);
