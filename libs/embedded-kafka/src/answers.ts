import { connect } from 'node:net';

const METADATA = 3;
const METADATA_VERSION = 1;
const ASK_MS = 2_000;

/**
 * Whether a broker at this port answers a metadata request with itself in it: the port is open seconds before that. Asked in the few bytes that
 * takes, so that this lib needs no client.
 */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    let received = Buffer.alloc(0);
    socket.setTimeout(ASK_MS, () => done(false));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
    socket.once('connect', () => socket.write(metadataRequest()));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      // Size, correlation id, then the number of brokers.
      if (received.length >= 12) done(received.readInt32BE(8) > 0);
    });
  });
}

/** No topics asked for: an empty array. */
function metadataRequest(): Buffer {
  const client = Buffer.from('probe');
  const body = Buffer.alloc(4 + 8 + 2 + client.length + 4);
  body.writeInt32BE(body.length - 4, 0);
  body.writeInt16BE(METADATA, 4);
  body.writeInt16BE(METADATA_VERSION, 6);
  body.writeInt32BE(1, 8);
  body.writeInt16BE(client.length, 12);
  client.copy(body, 14);
  body.writeInt32BE(0, 14 + client.length);
  return body;
}
