import { type RequestOf, type ResponseOf, sessionApi } from '#libs/contracts';
import type { InternalClient } from '#libs/http';

export type RegisteredView = ResponseOf<typeof sessionApi.listViews>['views'][number];

/** Where the registered views are listed: the session service's own table, or its internal API. Read after the commit, never before. */
export interface ViewDirectory {
  list(): Promise<RegisteredView[]>;
  /** Of a view whose lease lapsed and at whose address nobody listens any more. */
  remove(viewId: string): Promise<void>;
}

export type InternalCaller = Pick<InternalClient, 'call'>;

export class RemoteViewDirectory implements ViewDirectory {
  constructor(private readonly client: InternalCaller) {}

  async list(): Promise<RegisteredView[]> {
    return (await this.client.call(sessionApi.listViews, {})).views;
  }

  async remove(viewId: string): Promise<void> {
    await this.client.call(sessionApi.unregisterView, { view_id: viewId });
  }

  async register(view: RequestOf<typeof sessionApi.registerView>): Promise<void> {
    await this.client.call(sessionApi.registerView, view);
  }
}
