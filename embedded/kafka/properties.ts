/** The broker's configuration: one node that is broker and controller, for one machine. */

export interface BrokerSettings {
  log_dir: string;
  client_port: number;
  controller_port: number;
  user: string;
  password: string;
}

/** The largest record batch, in bytes: topics carry references to big things, never the things. */
const message_bytes_max = 2 * 1024 * 1024;
/** Coordinator topics' partitions: each costs files and start time, and one machine has few groups. */
const coordinator_partitions = 8;
/** Memory of the log cleaner, in bytes; 24 bytes a key, so about 1.2 million keys in one pass. */
const cleaner_bytes = 32 * 1024 * 1024;
const transaction_timeout_max_ms = 15 * 60 * 1000;
const session_timeout_ms = 24 * 60 * 60 * 1000;

/** What can stand in a JAAS entry inside a properties file without any escaping. */
const CREDENTIAL = /^[A-Za-z0-9_-]{1,128}$/;

export function serverProperties(settings: BrokerSettings): string {
  return [...Object.entries(network(settings)), ...Object.entries(storage(settings))]
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Both listeners ask for the password: other users of the machine reach the loopback interface too. */
function network({ client_port, controller_port, user, password }: BrokerSettings): Record<string, string | number> {
  if (!CREDENTIAL.test(user) || !CREDENTIAL.test(password)) {
    throw new Error('The embedded broker takes a user and a password of 1 to 128 letters, digits, _ and -');
  }
  const login = `org.apache.kafka.common.security.plain.PlainLoginModule required username="${user}" password="${password}" user_${user}="${password}";`;
  const [client, controller] = [`127.0.0.1:${client_port}`, `127.0.0.1:${controller_port}`];
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${controller}`,
    listeners: `CLIENT://${client},CONTROLLER://${controller}`,
    'advertised.listeners': `CLIENT://${client}`,
    'listener.security.protocol.map': 'CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT',
    'inter.broker.listener.name': 'CLIENT',
    'controller.listener.names': 'CONTROLLER',
    'sasl.enabled.mechanisms': 'PLAIN',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.client.plain.sasl.jaas.config': login,
    'listener.name.controller.plain.sasl.jaas.config': login,
    // Nobody could take over from the only broker: to be fenced because it stood still can only do harm (fence.ts).
    'broker.session.timeout.ms': session_timeout_ms,
    'broker.heartbeat.interval.ms': 1_000,
    // Records that say nothing, twice a second by default, tell a quorum's followers how far behind they are. There are none,
    // and each costs three fsyncs: an idle laptop's disk would never rest.
    'metadata.max.idle.interval.ms': 0,
    'num.network.threads': 2,
    'num.io.threads': 4,
  };
}

function storage({ log_dir }: BrokerSettings): Record<string, string | number> {
  return {
    'log.dirs': propertyPath(log_dir),
    'message.max.bytes': message_bytes_max,
    'auto.create.topics.enable': 'false',
    'offsets.topic.num.partitions': coordinator_partitions,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': coordinator_partitions,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'transaction.max.timeout.ms': transaction_timeout_max_ms,
    // The transaction of an owner that died holds its partitions' readers up until it is swept.
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1_000,
    'group.initial.rebalance.delay.ms': 0,
    'log.cleaner.dedupe.buffer.size': cleaner_bytes,
  };
}

/** In a properties file a backslash escapes. */
function propertyPath(path: string): string {
  if (path.includes(',')) throw new Error(`Kafka cannot keep its log in a directory with a comma in its name: ${path}`);
  return path.replaceAll('\\', '\\\\');
}
