/** Bytes, a character each (latin1): what Node writes to a socket in one piece with the headers, without encoding anything. */
export type ByteString = string;

/** UTF-8. Make it once for what is sent often. */
export function jsonBytes(value: unknown): ByteString {
  return Buffer.from(JSON.stringify(value)).toString('latin1');
}

export function bufferOf(bytes: ByteString): Buffer {
  return Buffer.from(bytes, 'latin1');
}
