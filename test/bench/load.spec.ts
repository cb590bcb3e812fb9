import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequest } from '../../scripts/bench/http-request.js';
import { callLoop } from '../../scripts/bench/load/call-loop.js';
import { closedLoop } from '../../scripts/bench/load/closed-loop.js';
import { answerIn } from '../../scripts/bench/load/connection.js';
import { openLoop } from '../../scripts/bench/load/open-loop.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function asking(answer: RequestListener) {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const request = getRequest('/', {});
  return { host: '127.0.0.1', port, request: () => request, isRight: ({ status }: { status: number }) => status === 200 };
}

/** Answers at once, but once holds everybody up for a while, as a long collection of garbage does. */
function stallingOnce(atRequest: number, ms: number): RequestListener {
  let seen = 0;
  return (_request, response) => {
    if (++seen === atRequest) {
      const until = performance.now() + ms;
      while (performance.now() < until);
    }
    response.end('ok');
  };
}

const OF_200 = { connections: 4, seconds: 20, requests: 200 };

describe('the open loop', () => {
  it('counts from the moment a request was due, so a stall is in the percentiles of all that waited behind it', async () => {
    const { answered, wrong, latencyMs } = await openLoop(await asking(stallingOnce(20, 400)), OF_200, 200);
    expect({ answered, wrong }).toEqual({ answered: 200, wrong: 0 });
    // some 80 of 200 were due during the stall
    expect(latencyMs?.p90).toBeGreaterThan(100);
  });

  it('sends at the rate it was told, not at the server’s', async () => {
    const { seconds } = await openLoop(await asking((_request, response) => response.end('ok')), OF_200, 400);
    expect(seconds).toBeGreaterThan(0.45);
  });

  it('counts what a server too slow for the rate still owes as wrong', async () => {
    const never = await asking(() => undefined);
    const { answered, wrong, latencyMs } = await openLoop(never, { connections: 2, seconds: 0.2, requests: 1_000 }, 50);
    expect({ answered, wrong }).toEqual({ answered: 0, wrong: 10 });
    // until it was given up: the last one was due when half of the patience was over
    expect(latencyMs?.p50).toBeGreaterThan(200);
  });
});

describe('the closed loop', () => {
  it('does not wait without end for a server that never answers', async () => {
    const never = await asking(() => undefined);
    const result = await closedLoop(never, { connections: 2, seconds: 0.1, requests: 1_000 });
    expect(result).toMatchObject({ answered: 0, wrong: 2, latencyMs: null });
  }, 30_000);

  it('stops at its number of requests, and tells wrong answers from right ones', async () => {
    let n = 0;
    const every4thFails = await asking((_request, response) => {
      response.statusCode = ++n % 4 === 0 ? 503 : 200;
      response.end('{}');
    });
    const { answered, wrong } = await closedLoop(every4thFails, OF_200);
    expect({ answered, wrong }).toEqual({ answered: 150, wrong: 50 });
  });

  it('stops at its time', async () => {
    const { seconds, answered } = await closedLoop(await asking((_request, response) => response.end('ok')), {
      connections: 2,
      seconds: 0.2,
      requests: 10_000_000,
    });
    expect(answered).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(10);
  });

  it('goes on when a connection is cut', async () => {
    let n = 0;
    const { answered, wrong } = await closedLoop(
      await asking((request, response) => (++n === 50 ? request.socket.destroy() : response.end('ok'))),
      OF_200,
    );
    expect({ answered, wrong }).toEqual({ answered: 199, wrong: 1 });
  });
});

describe('the loop of calls', () => {
  it('tells calls that reject from those that resolve, and lets this process do what else it has to do', async () => {
    let beats = 0;
    const beat = setInterval(() => beats++, 1);
    const call = (n: number) => (n % 4 === 3 ? Promise.reject(new Error('wrong')) : Promise.resolve(n));
    const { answered, wrong } = await callLoop({ given: (n) => n, call }, { seconds: 60, requests: 100_000 });
    clearInterval(beat);
    expect({ answered, wrong }).toEqual({ answered: 75_000, wrong: 25_000 });
    expect(beats).toBeGreaterThan(0);
  });

  it('stops at its time', async () => {
    const { seconds } = await callLoop({ given: (n) => n, call: () => Promise.resolve() }, { seconds: 0.1, requests: 1e12 });
    expect(seconds).toBeLessThan(10);
  });

  it('counts the time of the calls alone, not of what they are given', async () => {
    const given = (n: number) => {
      const until = performance.now() + (n % 500 === 0 ? 20 : 0);
      while (performance.now() < until);
      return n;
    };
    const { seconds, answered } = await callLoop({ given, call: () => Promise.resolve() }, { seconds: 60, requests: 5_000 });
    expect(answered).toBe(5_000);
    // ten batches, 200 ms of which are not theirs
    expect(seconds).toBeLessThan(0.2);
  });
});

describe('an answer on the wire', () => {
  const whole = (text: string) => answerIn(Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1'));

  it.each([
    ['with a length', 'HTTP/1.1 200 OK\nContent-Length: 3\n\nabc', { status: 200, body: 'abc' }],
    ['in chunks', 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n', { status: 200, body: '3\r\nabc\r\n0\r\n\r\n' }],
    ['with neither, as 204', 'HTTP/1.1 204 No Content\nDate: x\n\n', { status: 204, body: '' }],
  ])('is complete %s', (_how, text, expected) => {
    const answer = whole(text);
    expect({ status: answer?.status, body: answer?.body.toString() }).toEqual(expected);
  });

  it.each([
    'HTTP/1.1 200 OK\nContent-Length: 3',
    'HTTP/1.1 200 OK\nContent-Length: 3\n\nab',
    'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nab',
  ])('is waited for while something is missing (%#)', (text) => {
    expect(whole(text)).toBeNull();
  });
});
