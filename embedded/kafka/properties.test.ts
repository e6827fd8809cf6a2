import { describe, expect, it } from 'vitest';
import { serverProperties } from './properties.ts';

const settings = {
  log_dir: '/data/store',
  client_port: 1,
  controller_port: 2,
  user: 'millrace',
  password: 'a-secret_1',
};

describe('serverProperties', () => {
  it('listens on the loopback interface only, behind a password on both ports', () => {
    const lines = serverProperties(settings).split('\n');
    expect(lines).toContain('listeners=CLIENT://127.0.0.1:1,CONTROLLER://127.0.0.1:2');
    expect(lines).toContain('listener.security.protocol.map=CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT');
    expect(lines.filter(line => line.includes('user_millrace="a-secret_1"'))).toHaveLength(2);
  });

  it.each(['', 'with"quote', 'with\nline', 'with space'])('refuses the password %j', password => {
    expect(() => serverProperties({ ...settings, password })).toThrow('1 to 128 letters');
  });

  it('refuses a directory Kafka would read as two', () => {
    expect(() => serverProperties({ ...settings, log_dir: '/a,b' })).toThrow('comma');
  });
});
