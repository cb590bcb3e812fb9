import { oauthError } from '#libs/protocol';

/** What a request shows to prove its client, as sent; nothing is verified yet. */
export type Credentials =
  | { method: 'client_secret_basic' | 'client_secret_post'; clientId: string; secret: string }
  | { method: 'none'; clientId: string }
  | { method: 'client_assertion'; clientId: string | undefined };

export interface Sent {
  /** The Authorization header, whole. */
  authorization: string | undefined;
  params: { get(name: string): string | undefined };
}

/** Longer headers are no credentials of ours; bounds the work before anything is known about the sender. */
const MAX_HEADER = 4_096;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;
const CLIENT_ID = /^[\x20-\x7e]{1,255}$/;

const failed = (detail: string) => oauthError('invalid_client', { detail });
const twice = (detail: string) =>
  oauthError('invalid_request', { description: 'The request uses more than one way to authenticate the client.', detail });

/** RFC 6749 §2.3: one method in a request. Whatever is malformed is a failed authentication, never an exception of ours. */
export function credentialsOf({ authorization, params }: Sent): Credentials {
  const clientId = params.get('client_id');
  const secret = params.get('client_secret');
  const assertion = params.get('client_assertion') !== undefined || params.get('client_assertion_type') !== undefined;
  if (clientId !== undefined && !CLIENT_ID.test(clientId)) throw failed('client_id is not visible ASCII');
  if (authorization !== undefined) {
    if (secret !== undefined || assertion) throw twice('Authorization header beside credentials in the body');
    const basic = basicCredentials(authorization);
    // The body may repeat who is asking, not say otherwise.
    if (clientId !== undefined && clientId !== basic.clientId) throw twice('client_id differs from the Authorization header');
    return basic;
  }
  if (assertion) {
    if (secret !== undefined) throw twice('client_assertion beside client_secret');
    return { method: 'client_assertion', clientId };
  }
  if (clientId === undefined) throw failed('no client authentication');
  return secret === undefined ? { method: 'none', clientId } : { method: 'client_secret_post', clientId, secret };
}

/** RFC 6749 §2.3.1: id and secret are form-encoded first, then joined and put into Basic (RFC 7617). */
function basicCredentials(header: string): Credentials & { clientId: string } {
  if (header.length > MAX_HEADER) throw failed('Authorization header too long');
  const match = /^Basic +(\S+)$/i.exec(header);
  if (!match?.[1]) throw failed('Authorization header is not Basic');
  if (!BASE64.test(match[1])) throw failed('Authorization header is not base64');
  const text = utf8(Buffer.from(match[1], 'base64'));
  const cut = text.indexOf(':');
  if (cut === -1) throw failed('Authorization header without a colon');
  const clientId = formDecoded(text.slice(0, cut));
  if (!CLIENT_ID.test(clientId)) throw failed('client_id is not visible ASCII');
  return { method: 'client_secret_basic', clientId, secret: formDecoded(text.slice(cut + 1)) };
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw failed('Authorization header is not UTF-8');
  }
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw failed('Authorization header is not form-encoded');
  }
}
