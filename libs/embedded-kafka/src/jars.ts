import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const KAFKA_VERSION = '4.1.0';
const MISSING = 'Kafka for the tests needs Java 17 or newer and Maven: install them (Debian: apt-get install default-jre-headless maven).';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>lanyard</groupId><artifactId>embedded-kafka</artifactId><version>${KAFKA_VERSION}</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version></dependency>
  </dependencies>
</project>
`;

/** The folder of Kafka's jars: fetched once per version through Maven, from wherever it is set up to fetch. Throws one sentence. */
export function kafkaJars(cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lanyard')): string {
  if (!runs('java', '-version')) throw new Error(MISSING);
  const home = join(cache, `kafka-${KAFKA_VERSION}`);
  const jars = join(home, 'jars');
  if (existsSync(jars)) return jars;
  if (!runs('mvn', '-v')) throw new Error(MISSING);
  // Renamed when complete, so that a download cut short is never taken for one; of two at once, the first one's stays.
  const partial = `${home}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    writeFileSync(join(partial, 'pom.xml'), POM);
    const to = ['-DoutputDirectory=jars', '-DincludeScope=runtime'];
    const made = run('mvn', ['-q', '-B', '-f', 'pom.xml', 'dependency:copy-dependencies', ...to], partial);
    if (made.status !== 0) throw new Error(`Maven could not bring Kafka ${KAFKA_VERSION}: ${firstError(made)}`);
    if (!existsSync(jars)) renameSync(partial, home);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return jars;
}

function runs(command: string, flag: string): boolean {
  return run(command, [flag]).status === 0;
}

function run(command: string, args: string[], cwd?: string): SpawnSyncReturns<string> {
  return spawnSync(command, args, { ...(cwd ? { cwd } : {}), encoding: 'utf8', timeout: 600_000, stdio: ['ignore', 'pipe', 'pipe'] });
}

function firstError({ stdout, stderr, error }: SpawnSyncReturns<string>): string {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => /ERROR/.test(line));
  return error?.message ?? lines[0]?.replace(/\[ERROR\]\s*/, '').slice(0, 300) ?? 'it said nothing';
}
