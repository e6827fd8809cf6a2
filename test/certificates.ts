/** A certificate authority for one test, made by openssl. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  /** Both in one file, the key first. */
  readonly path: string;
}

export interface Authority {
  readonly ca: string;
  readonly ca_path: string;
  /** `names` as openssl writes them: `DNS:localhost,IP:127.0.0.1`. */
  issue(name: string, names: string): Certificate;
}

const days = '2';
const elliptic = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export function createAuthority(dir: string): Authority {
  const file = (name: string): string => join(dir, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' });
  const ca = ['-x509', '-days', days, '-subj', '/CN=Millrace test authority', '-keyout', file('ca.key')];
  openssl('req', ...elliptic, ...ca, '-out', file('ca.pem'));
  return {
    ca: readFileSync(file('ca.pem'), 'utf8'),
    ca_path: file('ca.pem'),
    issue(name, names) {
      openssl('req', ...elliptic, '-subj', `/CN=${name}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`));
      writeFileSync(file(`${name}.ext`), `subjectAltName=${names}\n`);
      const sign = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', days];
      openssl(
        'x509',
        '-req',
        '-in',
        file(`${name}.csr`),
        ...sign,
        '-extfile',
        file(`${name}.ext`),
        '-out',
        file(`${name}.crt`),
      );
      const key = readFileSync(file(`${name}.key`), 'utf8');
      const certificate = readFileSync(file(`${name}.crt`), 'utf8');
      writeFileSync(file(`${name}.pem`), key + certificate, { mode: 0o600 });
      return { certificate, key, path: file(`${name}.pem`) };
    },
  };
}
