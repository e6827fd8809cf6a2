import { holdsThrough } from './as-built.ts';
import { upsets } from './faults.ts';

holdsThrough(upsets);
