import { HttpException } from '@nestjs/common';
import { isUnavailable } from '#libs/database';
import { OAuthError } from '#libs/protocol';
import { InternalCallError } from '../internal/internal-call-error.js';
import { InternalCallRefused, InternalRequestInvalid } from '../internal/internal-endpoint-of.js';

/** An error as it leaves: what the client is told, and what only the log is told. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly description: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For the log. */
  readonly detail: string | null;
  /** Nobody foresaw it: a defect of ours, logged with its stack. */
  readonly unexpected: boolean;
}

const RETRY_AFTER_S = '1';

/** The one place where an error becomes a status. What is not known here is a defect and says nothing of itself. */
export function problemOf(error: unknown): Problem {
  if (error instanceof OAuthError) {
    return problem(error.status, error.code, error.publicDescription, { headers: error.headers ?? {}, detail: error.detail ?? null });
  }
  if (error instanceof InternalRequestInvalid) return problem(400, 'invalid_request', `${error.place}: ${error.message}`);
  if (error instanceof InternalCallRefused)
    return problem(error.status, error.code, error.message, error.status === 503 ? { headers: { 'retry-after': RETRY_AFTER_S } } : {});
  if (error instanceof InternalCallError) {
    return error.kind === 'unavailable' ? unavailable(error.message) : unexpected(error.message);
  }
  if (isUnavailable(error)) return unavailable(error instanceof Error ? error.message : 'database');
  if (error instanceof HttpException) return ofStatus(error.getStatus(), error.message);
  return ofFastify(error) ?? unexpected(error instanceof Error ? error.message : String(error));
}

/** Fastify's own refusals: bodies, media types, URLs. Errors of ours that happen to have a statusCode are none of them. */
function ofFastify(error: unknown): Problem | null {
  const { code, statusCode, message } = (error ?? {}) as { code?: unknown; statusCode?: unknown; message?: unknown };
  if (typeof code !== 'string' || !code.startsWith('FST_ERR_') || typeof statusCode !== 'number' || statusCode >= 500) return null;
  if (statusCode === 415) return problem(400, 'invalid_request', 'the Content-Type is not accepted here');
  return ofStatus(statusCode, String(message));
}

const DESCRIPTIONS: Readonly<Record<number, readonly [code: string, description: string]>> = {
  404: ['not_found', 'there is nothing at this address'],
  405: ['method_not_allowed', 'this address does not answer this method'],
  408: ['invalid_request', 'the request took too long'],
  413: ['invalid_request', 'the body is too large'],
  414: ['invalid_request', 'the address is too long'],
  429: ['slow_down', 'too many requests'],
  503: ['temporarily_unavailable', 'the service is not available at the moment'],
};

function ofStatus(status: number, detail: string): Problem {
  if (status >= 500 && status !== 503) return unexpected(detail);
  const [code, description] = DESCRIPTIONS[status] ?? ['invalid_request', 'the request is malformed'];
  return problem(status, code, description, { detail, ...(status === 503 ? { headers: { 'retry-after': RETRY_AFTER_S } } : {}) });
}

function unavailable(detail: string): Problem {
  return problem(503, 'temporarily_unavailable', 'the service is not available at the moment', {
    detail,
    headers: { 'retry-after': RETRY_AFTER_S },
  });
}

function unexpected(detail: string): Problem {
  return { ...problem(500, 'server_error', 'something went wrong on our side', { detail }), unexpected: true };
}

function problem(
  status: number,
  code: string,
  description: string,
  extra: { headers?: Readonly<Record<string, string>>; detail?: string | null } = {},
): Problem {
  return { status, code, description, headers: extra.headers ?? {}, detail: extra.detail ?? null, unexpected: false };
}
