/** What to do about each thing that is missing, on this system. */
import { readFileSync } from 'node:fs';

/** Package names by system; where one has no entry the sentence in `GENERIC` must do. */
const PACKAGES = {
  apt: {
    compiler: 'g++',
    make: 'make',
    python: 'python3',
    openssl: 'libssl-dev',
    zlib: 'zlib1g-dev',
    java: `openjdk-${aptJava()}-jre-headless`,
    maven: 'maven',
  },
  brew: { openssl: 'openssl@3', java: 'openjdk@21', maven: 'maven', python: 'python@3', node: 'node@22' },
};

const GENERIC = {
  node: 'Install Node 22 from https://nodejs.org, or with a version manager: nvm install 22',
  compiler: 'Install a C++17 compiler (GCC or Clang) with your package manager',
  make: 'Install GNU make with your package manager',
  python: 'Install Python 3 with your package manager',
  openssl: 'Install the development files of OpenSSL with your package manager',
  zlib: 'Install the development files of zlib with your package manager',
  java: 'Install a Java runtime, version 17 or newer (https://adoptium.net), and put java on the PATH',
  maven: 'Install Apache Maven (https://maven.apache.org) and put mvn on the PATH',
  disk: 'Free some space, or use a directory on a larger disk',
  memory: 'Use a machine, or a container limit, with more memory',
  port: 'Stop what uses it, or choose another with --port N (--port 0 picks a free one)',
};

/** On macOS one package brings the compiler, make, Python and zlib. */
const XCODE = new Set(['compiler', 'make', 'zlib']);

export function remedyFor(subject) {
  if (process.platform === 'darwin') {
    if (XCODE.has(subject)) return 'xcode-select --install';
    if (PACKAGES.brew[subject]) return `brew install ${PACKAGES.brew[subject]}`;
  }
  if (isDebian() && PACKAGES.apt[subject]) return `${sudo()}apt-get install -y ${PACKAGES.apt[subject]}`;
  return GENERIC[subject];
}

function sudo() {
  return process.getuid && process.getuid() === 0 ? '' : 'sudo ';
}

function isDebian() {
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease());
}

/** Debian 13 and Ubuntu 26.04 no longer carry Java 17; those before carry no newer one everywhere. */
function aptJava() {
  const release = osRelease();
  const version = Number((/^VERSION_ID="?([\d.]+)/m.exec(release) || [])[1] || 0);
  return version >= (/^ID=ubuntu/m.test(release) ? 24 : 13) ? 21 : 17;
}

function osRelease() {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch (_) {
    return '';
  }
}
