/**
 * The classes that the broker loads, in the form in which a JVM takes them up at once (class data sharing, JEP 350): with them a start
 * takes two thirds of the time. The first broker that is started without them leaves them behind when it ends, beside its jars. A JVM or
 * jars that they are not of pass them over.
 */
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface SharedClasses {
  /** For the JVM. */
  readonly options: readonly string[];
  /** Called when the JVM has ended. */
  keep(): void;
}

/** `directory` has the jars; a JVM that ends writes to `data_dir`, which is its own. */
export function sharedClasses(directory: string, data_dir: string): SharedClasses {
  const archive = join(directory, 'classes.jsa');
  // It says so on every start where they do not fit, which harms nobody.
  const quiet = '-Xlog:disable';
  if (existsSync(archive)) return { options: [quiet, `-XX:SharedArchiveFile=${archive}`], keep: () => {} };
  const written = join(data_dir, 'classes.jsa');
  const partial = `${archive}.${process.pid}`;
  return {
    options: [quiet, `-XX:ArchiveClassesAtExit=${written}`],
    keep() {
      if (!existsSync(written)) return;
      try {
        copyFileSync(written, partial);
        renameSync(partial, archive);
      } catch {
        // Somebody else’s installation: every start takes its time.
        rmSync(partial, { force: true });
      }
      rmSync(written, { force: true });
    },
  };
}
