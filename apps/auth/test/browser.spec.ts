import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { browser as openBrowser, STORY } from '#libs/testing';
import { AuthUnderTest } from './auth-under-test.js';

/** A client whose callback sends the browser on to another origin, as gateways and proxies do. */
function hoppingClient(): Promise<Server> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { port } = server.address() as AddressInfo;
    if (url.pathname === '/callback') response.writeHead(302, { location: `http://127.0.0.1:${port}/app${url.search}` }).end();
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<title>the application</title><h1>Welcome</h1>');
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

describe('the pages in Chromium', () => {
  let client: Server;
  let auth: AuthUnderTest;
  let browser: Browser;
  let origin: string;
  let context: BrowserContext;
  let complaints: string[];

  beforeAll(async () => {
    client = await hoppingClient();
    origin = `http://localhost:${(client.address() as AddressInfo).port}`;
    const redirects = { redirect_uris: [`${origin}/callback`], post_logout_redirect_uris: [`${origin}/callback`] };
    const grants = { grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'none', application_type: 'native' };
    auth = await AuthUnderTest.start([
      {
        client_id: 'hopper',
        client_name: 'Photo Prints',
        ...redirects,
        ...grants,
        scope: 'openid profile email photos:read online_access offline_access',
      },
    ]);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await auth?.stop();
    client?.close();
  });
  beforeEach(() => auth.others.forget());
  afterEach(() => context?.close());

  /** The script of a test may have its hand in a field before the page has put its focus there. */
  const QUICKER = /^Autofocus processing was blocked because a document already has a focused element/;
  const visit = async (options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> => {
    context = await browser.newContext(options);
    const page = await context.newPage();
    complaints = [];
    page.on('console', (message) => {
      if (!QUICKER.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return page;
  };
  const address = (scope: string, more: Record<string, string> = {}) =>
    `${auth.world.issuer}/authorize?${new URLSearchParams({
      client_id: 'hopper',
      redirect_uri: `${origin}/callback`,
      response_type: 'code',
      scope,
      state: 'xyz',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      ...more,
    }).toString()}`;
  const signIn = async (page: Page) => {
    await page.getByLabel('Username').fill(STORY.jane.username);
    await page.getByLabel('Password').fill(STORY.jane.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };

  it.each([true, false])(
    'a person signs in, agrees and lands in the application behind two redirects (script: %s)',
    async (javaScriptEnabled) => {
      const page = await visit({ javaScriptEnabled });
      await auth.world.database.query('DELETE FROM auth.consent');
      await page.goto(address('openid profile photos:read offline_access'));
      await signIn(page);
      await page.getByRole('checkbox', { name: 'See your name and profile' }).uncheck();
      expect(await page.getByText('also after you have signed out').isVisible()).toBe(true);
      await page.getByRole('button', { name: 'Allow' }).click();
      await page.waitForURL(/\/app\?code=/);
      expect(new URL(page.url()).searchParams.get('state')).toBe('xyz');
      expect(auth.others.codes.at(-1)?.scope).toEqual(['openid', 'photos:read', 'offline_access']);
      expect(complaints).toEqual([]);
    },
  );

  it('the first field has the focus, Enter sends the form, a wrong password is announced and the field named by it', async () => {
    const page = await visit();
    await page.goto(address('openid'));
    expect(await page.evaluate('document.activeElement.id')).toBe('username');
    await page.keyboard.type('jane');
    await page.keyboard.press('Tab');
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toBe('The username or the password is not right.');
    expect(await page.getByLabel('Password').getAttribute('aria-describedby')).toBe('error');
    expect(await page.evaluate('document.activeElement.id')).toBe('password');
    expect(complaints.filter((text) => !text.includes('400'))).toEqual([]);
  });

  it('cancel goes back without asking for the fields', async () => {
    const page = await visit();
    await page.goto(address('openid'));
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.waitForURL(/error=access_denied/);
  });

  it('signing out asks, ends the session and returns through two redirects', async () => {
    const page = await visit();
    await page.goto(address('openid'));
    await signIn(page);
    await page.waitForURL(/\/interaction\/|\/app\?code=/);
    if (page.url().includes('/interaction/')) await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(/\/app\?code=/);
    await page.goto(
      `${auth.world.issuer}/logout?${new URLSearchParams({ client_id: 'hopper', post_logout_redirect_uri: `${origin}/callback`, state: 'bye' }).toString()}`,
    );
    expect(await page.getByRole('heading').textContent()).toBe('Do you want to sign out?');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(/\/app\?state=bye/);
    expect(auth.others.ended).toHaveLength(1);
    await page.goto(address('openid'));
    expect(await page.title()).toBe('Sign in');
  });

  it('another site can not frame the pages', async () => {
    const page = await visit();
    await page.goto(origin);
    const target = JSON.stringify(address('openid'));
    await page.evaluate(
      `new Promise((resolve) => { const frame = document.createElement('iframe'); frame.onload = resolve; frame.src = ${target}; document.body.append(frame); })`,
    );
    expect(page.frames().some((frame) => frame.url().includes('/interaction/'))).toBe(false);
  });

  it('a form that another site sends to the login does nothing', async () => {
    const page = await visit();
    await page.goto(address('openid'));
    const action = await page.locator('form').getAttribute('action');
    await page.goto(origin);
    await page.evaluate(
      `{ const form = document.createElement('form'); form.method = 'post'; form.action = ${JSON.stringify(action)}; document.body.append(form); form.submit(); }`,
    );
    await page.waitForURL(/\/login$/);
    expect(await page.title()).toBe('This is not allowed');
    expect(auth.others.starts).toEqual([]);
  });

  it.each([
    ['wide and light', { viewport: { width: 1280, height: 900 } }],
    ['a small phone, dark', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' as const }],
  ])('every page fits without scrolling sideways, every control has a name and a target of 44 px: %s', async (_name, options) => {
    const page = await visit(options);
    const fits = async (name: string) => {
      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
      const small = await page.evaluate(
        "[...document.querySelectorAll('button,.button,input[type=text],input[type=password]')].filter((e) => e.getBoundingClientRect().height < 44).length",
      );
      expect(small).toBe(0);
      const nameless = await page.evaluate(
        "[...document.querySelectorAll('input:not([type=hidden])')].filter((e) => !e.labels?.length).length",
      );
      expect(nameless).toBe(0);
      if (process.env.LANYARD_SCREENSHOTS)
        await page.screenshot({ path: `${process.env.LANYARD_SCREENSHOTS}/${name}-${_name.replaceAll(/\W+/g, '-')}.png`, fullPage: true });
    };
    await auth.world.database.query('DELETE FROM auth.consent');
    await page.goto(address('openid profile photos:read offline_access'));
    await fits('login');
    await signIn(page);
    await page.getByRole('button', { name: 'Allow' }).waitFor();
    await fits('consent');
    await page.goto(`${auth.world.issuer}/logout`);
    await fits('logout');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out').waitFor();
    await fits('signed-out');
    await page.goto(`${auth.world.issuer}/authorize?client_id=nobody`);
    await fits('error');
  });
});
