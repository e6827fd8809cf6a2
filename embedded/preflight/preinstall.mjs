// npm runs every dependency's preinstall script before the first install script, so this one runs before node-rdkafka
// is compiled. It must run on any Node from 14 on: saying that Node is too old is one of its purposes.
import { check, describe } from './index.mjs';

/** Roles that talk to clusters of their own need neither Java nor Maven; whoever builds for those knows better. */
if (process.env.MILLRACE_PREFLIGHT !== 'skip') {
  const need = ['node', 'compiler', 'openssl', 'zlib', 'java', 'maven', 'disk', 'memory'];
  check({ need, directory: process.env.INIT_CWD || process.cwd() }).then(({ problems }) => {
    if (problems.length === 0) {
      console.log('Preflight: everything Millrace needs is here.');
      return;
    }
    console.error(describe(problems));
    process.exitCode = 1;
  });
}
