/**
 * An API of somebody who has nothing but the package: run in an empty folder by package.spec.ts. It verifies the token of its standard input until it is refused, and
 * says what it found, a line each.
 */
import { createResourceServer } from '@lanyard/resource-server';

const { issuer, audience, clientId, clientSecret, token } = JSON.parse(await text(process.stdin));
const server = await createResourceServer({ issuer, audience, credentials: { clientId, clientSecret } });
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
let last;
const asking = setInterval(async () => {
  const [said, fresh] = [await verified(), server.freshness().fresh];
  if (said.status !== last && (fresh || said.status !== 200)) say({ ...said, fresh });
  last = fresh ? said.status : last;
  if (said.status !== 401) return;
  clearInterval(asking);
  server.stop();
}, 20);

async function verified() {
  try {
    const { sub, sid } = await server.verify(`Bearer ${token}`);
    return { status: 200, sub, sid };
  } catch ({ status, headers }) {
    return { status, challenge: headers['www-authenticate'] };
  }
}

async function text(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
