import { browser } from '../src/index.js';

it('the browser shows a page', async () => {
  const chromium = await browser();
  try {
    const page = await chromium.newPage();
    await page.setContent('<h1>Sign in</h1>');
    expect(await page.textContent('h1')).toBe('Sign in');
  } finally {
    await chromium.close();
  }
});
