import type { Browser } from 'playwright-core';
import { browser, STORY } from '#libs/testing';
import { Device } from '../actors/device.js';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

/** Jane walks through her account in Chromium: what she sees, and that it is true. `npm run screenshots` takes its pictures here. */
let world: World;
let chromium: Browser;
let laptop: Device;
const complaints: string[] = [];

beforeAll(async () => {
  world = await startWorld({ settings: { session_idle: 86_400, session_max: 86_400 } });
  chromium = await browser();
  laptop = await Device.of(chromium);
  laptop.page.on('console', (message) => complaints.push(message.text()));
  laptop.page.on('pageerror', (error) => complaints.push(error.message));
}, 360_000);
afterAll(async () => {
  await chromium?.close();
  await world?.close();
});

const at = (path: string) => new URL(`${world.issuer}/account${path}`);
const go = (name: string) => laptop.page.getByRole('navigation').getByRole('link', { name }).click();
const heading = () => laptop.page.getByRole('heading', { level: 1 }).textContent();
const said = () => laptop.page.getByRole('status').textContent();

describe('Jane at her account', () => {
  let phone: { access_token: string };
  let backup: { access_token: string; refresh_token: string };

  it('signs in on the way and finds everything from the overview', async () => {
    const onPhone = new UserAgent();
    phone = await world.tokensFor(onPhone, world.shop, 'openid profile photos:read online_access');
    backup = await world.tokensFor(onPhone, world.backup, 'openid photos:read offline_access', { more: { prompt: 'consent' } });
    await laptop.visit(at(''));
    expect(await laptop.text()).toContain('to continue to your account');
    await laptop.signIn(STORY.jane);
    expect(await heading()).toBe('Hello, Jane Doe');
    expect(await laptop.text()).toContain('On this device and 1 other.');
    expect(await laptop.text()).toContain('2 applications with access.');
    await laptop.picture('account');
  });

  it('sees her devices and signs the other one out, with her password since a while has passed', async () => {
    await world.advance(301_000);
    await go('Devices');
    expect(await laptop.page.getByText('this device').count()).toBe(1);
    expect(await laptop.text()).toContain('Chrome on Linux');
    await laptop.picture('account-devices');
    await laptop.page.getByRole('button', { name: 'Sign out', exact: true }).last().click();
    expect(await heading()).toBe('Please confirm that it is you');
    expect(await laptop.page.evaluate('document.activeElement.id')).toBe('password');
    await laptop.picture('account-confirm');
    await laptop.page.getByLabel('Password').fill(STORY.jane.password);
    await laptop.press('Sign out on that device');
    expect(await said()).toBe('Signed out on that device.');
    expect(await world.isActive(phone.access_token)).toBe(false);
    await laptop.picture('account-devices-after');
  });

  it('sees what applications may do and takes it back', async () => {
    await go('Applications');
    expect(await laptop.text()).toContain('Keeps access when you are not here');
    await laptop.picture('account-applications');
    await laptop.page.locator('li', { hasText: 'photo backup' }).getByRole('button', { name: 'Remove access' }).click();
    expect(await said()).toBe('That application has no access to your account any more.');
    expect(await world.isActive(backup.access_token)).toBe(false);
  });

  it('is told what is wrong with a new password, then changes it and stays', async () => {
    await go('Password');
    await laptop.picture('account-password');
    const fill = async (again: string) => {
      await laptop.page.getByLabel('Present password').fill(STORY.jane.password);
      await laptop.page.getByLabel('New password', { exact: true }).fill('four words and more');
      await laptop.page.getByLabel('New password, once more').fill(again);
      await laptop.press('Change password');
    };
    await fill('four words and less');
    expect(await laptop.page.getByRole('alert').textContent()).toContain('are not the same');
    await fill('four words and more');
    expect(await said()).toContain('Your password is changed');
  });

  it('finds all of it in her activity, then signs out', async () => {
    await go('Activity');
    const text = await laptop.text();
    for (const line of ['Password changed', 'Removed the access of photo backup', 'Confirmed the password', 'Signed in'])
      expect(text).toContain(line);
    await laptop.picture('account-activity');
    await laptop.press('Sign out');
    expect(await heading()).toBe('You are signed out');
    await laptop.picture('account-signed-out');
    await laptop.visit(at('/sessions'));
    expect(await laptop.page.title()).toBe('Sign in');
  });

  it('without a word from the console but for the answer 400 to what was typed wrongly', () => {
    expect(complaints.filter((text) => !text.includes('400') && !text.startsWith('Autofocus processing was blocked'))).toEqual([]);
  });
});

it.each<[string, NonNullable<Parameters<Browser['newContext']>[0]>]>([
  ['a small phone, dark', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }],
  ['without script', { javaScriptEnabled: false }],
])('every page fits, has names for its fields and targets of 44 px: %s', async (_, options) => {
  const context = await chromium.newContext(options);
  const page = await context.newPage();
  await page.goto(at('').href);
  await page.getByLabel('Username').fill(STORY.john.username);
  await page.getByLabel('Password').fill(STORY.john.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  for (const path of ['', '/sessions', '/applications', '/password', '/activity']) {
    await page.goto(at(path).href);
    expect(await page.getByRole('navigation').locator('[aria-current=page]').count()).toBe(1);
    const sizes = await page.locator('button:visible, nav a, .button, input[type=password]').all();
    for (const control of sizes) expect((await control.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    if (options.viewport) {
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(options.viewport.width);
      const nameless = "[...document.querySelectorAll('input:not([type=hidden]):not([hidden])')].filter((e) => !e.labels?.length).length";
      expect(await page.evaluate(nameless)).toBe(0);
    }
  }
  await context.close();
});
