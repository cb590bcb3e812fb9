/**
 * account/ owns the pages where a person looks after their own account: where they are signed in, which applications may do what, the
 * password, what has happened. It ends no session and kills no grant itself: it asks the session service, consents/ and users/, waits, and
 * says so only when it is true. Called by the browser alone.
 */
export const ACCOUNT_PAGES = {
  overview: { path: '', title: 'Your account' },
  sessions: { path: '/sessions', title: 'Where you are signed in' },
  applications: { path: '/applications', title: 'Your applications' },
  password: { path: '/password', title: 'Your password' },
  activity: { path: '/activity', title: 'What has happened' },
} as const;

export type AccountPage = keyof typeof ACCOUNT_PAGES;

export function isAccountPage(name: string | undefined): name is AccountPage {
  return name !== undefined && Object.hasOwn(ACCOUNT_PAGES, name);
}

/** Every address of these pages is made here and from a fixed list: nothing that was sent can become one. */
export class AccountAddresses {
  constructor(private readonly publicUrl: string) {}

  of(page: AccountPage): string {
    return `${this.publicUrl}/account${ACCOUNT_PAGES[page].path}`;
  }

  action(path: string): string {
    return `${this.publicUrl}/account${path}`;
  }

  signIn(to: AccountPage): string {
    return `${this.publicUrl}/account/sign-in?to=${to}`;
  }
}
