import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ClientDirectory } from '#libs/clients';
import { sessionApi } from '#libs/contracts';
import type { InternalClient, Parameters } from '#libs/http';
import { displayName } from '../authorize/asking-client.js';
import type { Html } from '../pages/html.js';
import { seeOther } from '../pages/send-page.js';
import type { AccountAddresses, AccountPage } from './account-page.js';
import type { Activity } from './activity/activity.js';
import { type ApplicationsParts, listApplications } from './applications/list-applications.js';
import type { ChangePasswordEndpoint } from './change-password.endpoint.js';
import type { Frame } from './frame.js';
import type { Notices } from './notice.js';
import { activityPage } from './views/activity-page.js';
import { applicationsPage } from './views/applications-page.js';
import { noticeLine } from './views/form.js';
import { overviewPage } from './views/overview-page.js';
import { sessionsPage } from './views/sessions-page.js';
import type { Visit, Visits } from './visits.js';

export interface AccountParts {
  readonly addresses: AccountAddresses;
  readonly visits: Visits;
  readonly frame: Frame;
  readonly notices: Notices;
  readonly internal: InternalClient;
  readonly clients: ClientDirectory;
  readonly applications: ApplicationsParts;
  readonly activity: Activity;
  readonly password: ChangePasswordEndpoint;
}

const SHOWN = 100;

/** GET: reads and changes nothing. Each page is made of the truth at this moment; what can't be read is a 503 page, never an empty list. */
export class AccountEndpoint {
  constructor(private readonly parts: AccountParts) {}

  async show(page: AccountPage, query: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { visits, addresses, frame, notices, password } = this.parts;
    const visit = await visits.of(request, reply);
    if (!visit) return seeOther(reply, addresses.signIn(page));
    const notice = notices.read(visit, query.get('done'), query.get('seal'));
    if (page === 'password') return password.show(visit, notice, reply);
    const bodies = {
      overview: () => this.overview(visit, noticeLine(notice)),
      sessions: () => this.sessions(visit, noticeLine(notice)),
      applications: () => this.applications(visit, noticeLine(notice)),
      activity: () => this.activity(visit, query.get('cursor')),
    };
    frame.send(reply, visit, { page, body: await bodies[page]() });
  }

  private async overview(visit: Visit, notice: Html | null): Promise<Html> {
    const { addresses } = this.parts;
    const [{ others }, applications] = await Promise.all([this.othersOf(visit), listApplications(this.parts.applications, visit.user.sub)]);
    const { name } = visit.user.claims;
    return overviewPage({
      notice,
      name: typeof name === 'string' ? name : visit.user.username,
      cards: [
        {
          href: addresses.of('sessions'),
          title: 'Where you are signed in',
          text: others.length === 0 ? 'On this device only.' : `On this device and ${counted(others.length, 'other')}.`,
        },
        {
          href: addresses.of('applications'),
          title: 'Your applications',
          text:
            applications.length === 0 ? 'None has access to your account.' : `${counted(applications.length, 'application')} with access.`,
        },
        { href: addresses.of('password'), title: 'Your password', text: 'Change it, and sign out everywhere else.' },
        { href: addresses.of('activity'), title: 'What has happened', text: 'Sign-ins, attempts and changes.' },
      ],
    });
  }

  private async sessions(visit: Visit, notice: Html | null): Promise<Html> {
    const { addresses } = this.parts;
    return sessionsPage({
      notice,
      csrf: visit.csrf,
      endOne: addresses.action('/sessions/end'),
      endOthers: addresses.action('/sessions/end-others'),
      endAll: addresses.action('/sessions/end-all'),
      password: addresses.of('password'),
      current: visit.view,
      ...(await this.othersOf(visit)),
      now: visit.now,
    });
  }

  private async applications(visit: Visit, notice: Html | null): Promise<Html> {
    const applications = await listApplications(this.parts.applications, visit.user.sub);
    const revoke = this.parts.addresses.action('/applications/revoke');
    return applicationsPage({ notice, csrf: visit.csrf, revoke, applications, now: visit.now });
  }

  private async activity(visit: Visit, cursor: string | undefined): Promise<Html> {
    const { activity, addresses } = this.parts;
    const here = addresses.of('activity');
    const { happenings, next } = await activity.page(visit.user.sub, cursor, (clientId) => this.nameOf(clientId));
    return activityPage({
      happenings,
      older: next === null ? null : `${here}?cursor=${next}`,
      newest: cursor === undefined ? null : here,
      now: visit.now,
    });
  }

  /** A session of an older generation is dead to everybody already, and about to end. */
  private async othersOf({ user, view }: Visit) {
    const { sessions } = await this.parts.internal.call(sessionApi.list, { sub: user.sub, limit: SHOWN + 1 });
    const others = sessions.filter(({ sid, subject_gen }) => sid !== view.sid && subject_gen === user.gen);
    return { others: others.slice(0, SHOWN), more: sessions.length > SHOWN };
  }

  private async nameOf(clientId: string): Promise<string> {
    const client = await this.parts.clients.get(clientId);
    return client ? displayName(client) : clientId;
  }
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}
