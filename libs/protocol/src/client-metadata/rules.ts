import type { z } from 'zod';
import { ADMIN_SCOPE_PREFIX } from '../admin-api.js';
import type { Defaulted } from './defaults.js';
import type { WrittenMetadata } from './members.js';
import { calledUriProblem, redirectUriProblem } from './uris.js';

type Complete = Omit<WrittenMetadata, keyof Defaulted> & Defaulted;
type Report = (path: (string | number)[], message: string) => void;

/** What one member says about another. */
export function checkRules(metadata: Complete, context: z.RefinementCtx): void {
  const report: Report = (path, message) => context.addIssue({ code: 'custom', path, message });
  redirectUris(metadata, report);
  kinds(metadata, report);
  consistency(metadata, report);
  logoutUris(metadata, report);
}

function redirectUris(metadata: Complete, report: Report): void {
  const native = metadata.application_type === 'native';
  for (const member of ['redirect_uris', 'post_logout_redirect_uris'] as const) {
    metadata[member].forEach((uri, index) => {
      const problem = redirectUriProblem(uri, native);
      if (problem) report([member, index], problem);
      else if (metadata[member].indexOf(uri) !== index) report([member, index], 'expected each URI once');
    });
  }
}

function kinds(metadata: Complete, report: Report): void {
  const scope = metadata.scope.split(' ');
  if (metadata.application_type === 'browser') {
    if (metadata.token_endpoint_auth_method !== 'none') {
      report(['token_endpoint_auth_method'], 'expected none: a browser client is public and proves itself with PKCE');
    }
    if (!scope.includes('online_access')) report(['scope'], 'expected online_access among the scopes: a browser client must ask for it');
    if (scope.includes('offline_access')) report(['scope'], 'expected no offline_access: a browser client cannot keep such a token safe');
    const other = metadata.grant_types.find((type) => type !== 'authorization_code' && type !== 'refresh_token');
    if (other) report(['grant_types'], `expected authorization_code and refresh_token only for a browser client; found ${other}`);
    if (!metadata.grant_types.includes('authorization_code')) report(['grant_types'], 'expected authorization_code for a browser client');
  }
  if (metadata.application_type === 'service') {
    if (metadata.redirect_uris.length > 0) report(['redirect_uris'], 'expected none: a service has no user to redirect');
    const userGrant = metadata.grant_types.find((type) => type === 'authorization_code' || type === 'implicit');
    if (userGrant) report(['grant_types'], `expected no ${userGrant}: a service has no user to redirect`);
  }
  const administers = scope.find((name) => name.startsWith(ADMIN_SCOPE_PREFIX));
  const onlyItself = metadata.application_type === 'service' && metadata.grant_types.every((type) => type === 'client_credentials');
  if (administers && !onlyItself) {
    report(['scope'], `expected no ${administers}: operators' scopes are for a service with client_credentials only`);
  }
}

function consistency(metadata: Complete, report: Report): void {
  // RFC 7591 §2: MUST NOT both be present.
  if (metadata.jwks && metadata.jwks_uri) report(['jwks_uri'], 'expected jwks or jwks_uri, not both (RFC 7591 §2)');
  // RFC 9700 §2.4: MUST NOT be used. Nothing will ever grant it, so it is no feature that is not built yet.
  if (metadata.grant_types.includes('password')) {
    report(['grant_types'], 'expected no password: a client never sees a password of its user (RFC 9700 §2.4)');
  }
  // §2.1: each response type needs its grant type.
  const needs = new Set(metadata.response_types.flatMap((type) => type.split(' ')));
  if (needs.has('code') && !metadata.grant_types.includes('authorization_code')) {
    report(['response_types'], 'expected grant_types to include authorization_code for the response type code (RFC 7591 §2.1)');
  }
  if ((needs.has('token') || needs.has('id_token')) && !metadata.grant_types.includes('implicit')) {
    report(['response_types'], 'expected grant_types to include implicit for this response type (RFC 7591 §2.1)');
  }
  // RFC 6749 §4.4: MUST only be used by confidential clients.
  if (metadata.grant_types.includes('client_credentials') && metadata.token_endpoint_auth_method === 'none') {
    report(['grant_types'], 'expected no client_credentials: only a client with credentials can use it (RFC 6749 §4.4)');
  }
}

function logoutUris(metadata: Complete, report: Report): void {
  const uri = metadata.backchannel_logout_uri;
  const problem = uri === undefined ? null : calledUriProblem(uri, metadata.token_endpoint_auth_method !== 'none');
  if (problem) report(['backchannel_logout_uri'], problem);
}
