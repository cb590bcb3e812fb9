import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const KAFKA_VERSION = '4.1.0';
const MISSING = 'Kafka needs Java 17 or newer and Maven: install them (Debian: apt-get install default-jre-headless maven).';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>lanyard</groupId><artifactId>embedded-kafka</artifactId><version>${KAFKA_VERSION}</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version></dependency>
  </dependencies>
</project>
`;

const cacheFolder = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lanyard');

/** False: the next start fetches it first, which takes as long as a download does. */
export function kafkaIsHere(cache = cacheFolder()): boolean {
  return existsSync(join(cache, `kafka-${KAFKA_VERSION}`, 'jars'));
}

/** The folder of Kafka's jars: fetched once per version through Maven, from wherever it is set up to fetch. Throws one sentence. */
export async function kafkaJars(cache = cacheFolder()): Promise<string> {
  if ((await javaVersion()) < 17) throw new Error(MISSING);
  const home = join(cache, `kafka-${KAFKA_VERSION}`);
  const jars = join(home, 'jars');
  if (kafkaIsHere(cache)) return jars;
  if (!(await runs('mvn', '-v'))) throw new Error(MISSING);
  // Renamed when complete, so that a download cut short is never taken for one; of two at once, the first one's stays.
  const partial = `${home}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    writeFileSync(join(partial, 'pom.xml'), POM);
    const to = ['-DoutputDirectory=jars', '-DincludeScope=runtime'];
    await run('mvn', ['-q', '-B', '-f', 'pom.xml', 'dependency:copy-dependencies', ...to], partial).catch((failure: Failure) => {
      throw new Error(`Maven could not bring Kafka ${KAFKA_VERSION}: ${firstError(failure)}`);
    });
    if (!existsSync(jars)) renameSync(partial, home);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return jars;
}

type Failure = Error & { readonly stdout?: string; readonly stderr?: string };

/** Of `openjdk version "17.0.15"`, said on stderr; 1 of the old ones, as `"1.8.0_412"`; 0 of none. */
function javaVersion(): Promise<number> {
  return promisify(execFile)('java', ['-version']).then(
    ({ stderr }) => Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0),
    () => 0,
  );
}

function runs(command: string, flag: string): Promise<boolean> {
  return run(command, [flag]).then(
    () => true,
    () => false,
  );
}

/** Waited for, not blocked on: a download takes minutes, in which who started us may be told to stop. */
function run(command: string, args: string[], cwd?: string): Promise<unknown> {
  return promisify(execFile)(command, args, { ...(cwd ? { cwd } : {}), timeout: 600_000, maxBuffer: 64 * 1024 * 1024 });
}

function firstError({ stdout = '', stderr = '', message }: Failure): string {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => /ERROR/.test(line));
  return lines[0]?.replace(/\[ERROR\]\s*/, '').slice(0, 300) ?? (message.split('\n')[0] || 'it said nothing');
}
