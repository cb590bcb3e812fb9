import type { AskedContender } from '../contender.js';
import { answeringOf } from '../http-request.js';
import { type Answer, Connection } from '../load/connection.js';
import { REFERENCES, Reference } from '../references/reference.js';

export interface Subject {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number | null;
}

export interface Kind {
  readonly requests: (run: number) => Promise<(n: number) => Buffer>;
  readonly isRight: (answer: Answer) => boolean;
}

export interface Besides {
  readonly contenders: AskedContender[];
  stop(): Promise<void>;
}

/** A server and the two references, which answer what it answers, to the same requests. */
export async function besideReferences(subject: Subject, kind: Kind): Promise<Besides> {
  const answer = await oneAnswer(subject, await kind.requests(0));
  if (!kind.isRight(answer)) throw new Error(`${subject.name} answered ${answer.status} ${answer.body.toString('utf8', 0, 500)}`);
  const references = await Promise.all(REFERENCES.map((name) => Reference.start(name, answeringOf(answer))));
  const { isRight } = kind;
  const asked = (host: string, port: number) => async (run: number) => ({ host, port, request: await kind.requests(run), isRight });
  return {
    contenders: [
      { name: subject.name, pid: subject.pid, asked: asked(subject.host, subject.port) },
      ...references.map(({ name, pid, port }) => ({ name, pid, asked: asked('127.0.0.1', port) })),
    ],
    async stop() {
      await Promise.all(references.map((reference) => reference.stop()));
    },
  };
}

async function oneAnswer({ host, port }: Subject, request: (n: number) => Buffer): Promise<Answer> {
  const connection = new Connection(host, port);
  try {
    return await connection.send(request(0));
  } finally {
    connection.close();
  }
}
