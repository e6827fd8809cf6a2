/** The thread's side of finder.ts. */
import { type Text, type Theme, themesOf } from './themes.ts';

export interface ThemesTask {
  readonly texts: readonly Text[];
  readonly since_ms: number;
}

export default ({ texts, since_ms }: ThemesTask): Theme[] => themesOf(texts, since_ms);
