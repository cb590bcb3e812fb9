import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';

/** A person at one device: a browser context of their own. Finds things on the pages the way people do, by what they say. */
export class Device {
  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  static async of(browser: Browser): Promise<Device> {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1_000, height: 760 } });
    return new Device(context, await context.newPage());
  }

  async visit(url: URL): Promise<void> {
    await this.page.goto(url.href);
  }

  async signIn({ username, password }: { username: string; password: string }): Promise<void> {
    await this.page.getByLabel('Username').fill(username);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  async press(button: string): Promise<void> {
    await this.page.getByRole('button', { name: button }).click();
  }

  async text(): Promise<string> {
    return (await this.page.locator('body').textContent()) ?? '';
  }

  /** Waits until the browser stands at an address of the client, and answers with it. */
  async landedAt(origin: string): Promise<URL> {
    await this.page.waitForURL((url) => url.origin === origin);
    return new URL(this.page.url());
  }

  /** For `npm run screenshots`; an ordinary run takes none. */
  async picture(name: string): Promise<void> {
    const folder = process.env.LANYARD_SCREENSHOTS;
    if (folder) await this.page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
