import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Client, ClientAuthenticator } from '#libs/clients';
import { clientAddress, type Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';
import type { Caller } from '../introspection/may-introspect.js';

/** RFC 7662 §2.1: no answer without knowing who asks. Public clients are let in for their own tokens (`mayIntrospect`). */
@Injectable()
export class AuthenticateCaller {
  private readonly callers = new WeakMap<Client, Caller>();

  constructor(private readonly clients: ClientAuthenticator) {}

  /** A promise only when something about the caller is new here. */
  of(request: FastifyRequest, form: Parameters, authorization = request.headers.authorization): Caller | Promise<Caller> {
    const known = this.clients.recognise({ authorization, params: form });
    if (known) return this.callerOf(known);
    const address = clientAddress(request);
    return this.clients.authenticate({ authorization, params: form, address }).then((client) => this.callerOf(client));
  }

  /** Who has been proven before, by the same header. */
  recognised(form: Parameters, authorization: string | undefined): Caller | null {
    const known = this.clients.recognise({ authorization, params: form });
    return known ? this.callerOf(known) : null;
  }

  private callerOf(client: Client): Caller {
    const known = this.callers.get(client);
    if (known) return known;
    const { client_id, metadata } = client;
    if (metadata.introspection_encrypted_response_alg !== undefined) throw plainOnly();
    const caller = {
      clientId: client_id,
      isPublic: metadata.token_endpoint_auth_method === 'none',
      resourceServerFor: metadata.resource_server_for,
      signedResponseAlg: metadata.introspection_signed_response_alg ?? null,
    };
    this.callers.set(client, caller);
    return caller;
  }
}

/** Whoever registered for encrypted answers (RFC 9701 §6) must not be sent personal data in the clear. */
function plainOnly(): Error {
  return oauthError('unauthorized_client', {
    description:
      'This client is registered with introspection_encrypted_response_alg, which is not available: answers are plain or signed.',
  });
}
