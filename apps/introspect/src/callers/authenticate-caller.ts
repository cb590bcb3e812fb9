import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ClientAuthenticator } from '#libs/clients';
import { clientAddress, type Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';
import type { Caller } from '../introspection/may-introspect.js';

/** RFC 7662 §2.1: no answer without knowing who asks. Public clients are let in for their own tokens (`mayIntrospect`). */
@Injectable()
export class AuthenticateCaller {
  constructor(private readonly clients: ClientAuthenticator) {}

  async of(request: FastifyRequest, form: Parameters): Promise<Caller> {
    const { authorization } = request.headers;
    const { client_id, metadata } = await this.clients.authenticate({ authorization, params: form, address: clientAddress(request) });
    if (metadata.introspection_encrypted_response_alg !== undefined) throw plainOnly();
    return {
      clientId: client_id,
      isPublic: metadata.token_endpoint_auth_method === 'none',
      resourceServerFor: metadata.resource_server_for,
    };
  }
}

/** Whoever registered for encrypted answers (RFC 9701 §6) must not be sent personal data in the clear. */
function plainOnly(): Error {
  return oauthError('unauthorized_client', {
    description: 'This client is registered with introspection_encrypted_response_alg, which is not available: answers are plain JSON.',
  });
}
