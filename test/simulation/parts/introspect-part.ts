import { unavailable } from '#libs/protocol';
import { IntrospectAccessToken } from '../../../apps/introspect/src/introspection/introspect-access-token.js';
import { OpenedAccessTokens } from '../../../apps/introspect/src/introspection/opened-access-tokens.js';
import type { Handler } from '../network.js';
import type { Process } from '../scheduler.js';
import { type Ground, type Running, viewOf } from './parts.js';

/** Beyond the bound: such an answer has to be judged anew. */
const LONGEST_STOP_MS = 4_000;
const GATEWAY = { clientId: 'gateway', isPublic: false, resourceServerFor: ['*'] };

/** Introspection: the verdict, a place where the answer may wait to be sent, and the verdict asked again (PendingVerdicts does it in the server). */
export function introspectPart(ground: Ground, process: Process, skewMs: number): Running {
  const { scheduler, network, watch, tamper, keys } = ground;
  const { views, chores, handlers: hints } = viewOf(ground, process, 'introspect', skewMs);
  const introspection = new IntrospectAccessToken(new OpenedAccessTokens(keys.accessTokens), tamper.views?.(views) ?? views);
  const introspect = async ({ token }: { token: string }) => {
    const verdict = await introspection.verdict(token, GATEWAY);
    await scheduler.turn(process, 'sends a verdict', network.slowness(LONGEST_STOP_MS));
    const judgement = tamper.noSecondJudgement ? (verdict.answer.active ? 'active' : 'inactive') : verdict.judge();
    if (judgement === 'unknown') throw unavailable('the view is not fresh');
    watch.said(process, token, judgement === 'active');
    return { active: judgement === 'active' };
  };
  const handlers: [string, Handler][] = [['introspect', introspect as Handler], ...hints];
  return { process, handlers: new Map(handlers), chores, views };
}
