export interface KafkaOptions {
  /** Holds `data`, the settings and `server.log`. Made if missing; a data directory that is there is gone on with. */
  home: string;
  port: number;
  controllerPort: number;
  /** The port that clients are told of; one of something in front of it. */
  advertisedPort?: number;
  startWithinMs?: number;
  secured?: SecuredListener | undefined;
}

/** One more listener: TLS, and a login by PLAIN or SCRAM-SHA-256. */
export interface SecuredListener {
  port: number;
  /** PEM: the private key (PKCS #8), then its certificate. */
  keyAndCertificateFile: string;
  username: string;
  password: string;
}

/** One node that is broker and controller. Nothing is made by being named: topics come from the set-up step or not at all. */
export function serverProperties({ port, controllerPort, advertisedPort = port, secured }: KafkaOptions, data: string): string {
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${secured ? `,SECURED://127.0.0.1:${secured.port}` : ''}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertisedPort}${secured ? `,SECURED://127.0.0.1:${secured.port}` : ''}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL',
    'inter.broker.listener.name': 'PLAINTEXT',
    ...(secured ? securedProperties(secured) : {}),
    'log.dirs': data,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 3,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 3,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // A session time-out below this is refused; specs want one that passes while they wait.
    'group.min.session.timeout.ms': 1000,
    // A broker that was killed is believed dead only after this; it is its own successor here.
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    'log.cleaner.enable': false,
    'num.network.threads': 2,
    'num.io.threads': 4,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function securedProperties({ keyAndCertificateFile, username, password }: SecuredListener): Record<string, string> {
  const login = (module: string, options: string) => `org.apache.kafka.common.security.${module} required${options};`;
  return {
    'listener.name.secured.ssl.keystore.type': 'PEM',
    'listener.name.secured.ssl.keystore.location': keyAndCertificateFile,
    'listener.name.secured.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
    'listener.name.secured.plain.sasl.jaas.config': login('plain.PlainLoginModule', ` user_${username}="${password}"`),
    'listener.name.secured.scram-sha-256.sasl.jaas.config': login('scram.ScramLoginModule', ''),
  };
}

/** Standard output alone, which the guard keeps in a file. */
export const LOGGING = `
status = warn
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
`;
