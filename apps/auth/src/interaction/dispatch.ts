import type { FastifyRequest } from 'fastify';
import type { ClientDirectory } from '#libs/clients';
import { oauthError } from '#libs/protocol';
import type { AskingClient } from '../authorize/asking-client.js';
import type { ConsentStore } from '../consents/consents.store.js';
import type { CurrentSession, LiveSession } from './current-session.js';
import { type Decision, decide } from './decide.js';
import type { InteractionState } from './interaction.store.js';

export interface Dispatched {
  readonly decision: Decision;
  readonly client: AskingClient;
  readonly live: LiveSession | null;
}

export type Progress = Pick<InteractionState, 'request' | 'login' | 'consent'>;

/** Gathers what is known now (session by truth, client and consent as they are at this moment) and lets `decide` judge it. */
export class Dispatch {
  constructor(
    private readonly sessions: CurrentSession,
    private readonly clients: ClientDirectory,
    private readonly consents: ConsentStore,
  ) {}

  async run(request: FastifyRequest, progress: Progress): Promise<Dispatched> {
    const client = await this.clients.get(progress.request.client_id);
    if (!client || client.disabled)
      throw oauthError('unauthorized_client', { description: 'The application that sent you here has been switched off.' });
    const live = await this.sessions.of(request);
    const remembered = live && (await this.consents.find(live.view.sub, client.client_id));
    return { decision: decide({ ...progress, client, session: live, remembered }), client, live };
  }
}
