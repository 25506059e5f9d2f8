// Takes a page in three widths, light and dark, and says what can be told without eyes: what is wider than the screen.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { OWNER } from '../fixtures';
import { drawn } from '../steps';
import type { App } from '../app';

const FOLDER = path.resolve(import.meta.dirname, '..', 'screenshots');
const WIDTHS = [1440, 768, 390] as const;
const SCHEMES = ['light', 'dark'] as const;

export type Shot = {
  name: string;
  /** Goes to the page and opens what is to be seen. */
  open: (page: Page, app: App) => Promise<unknown>;
  /** The whole page, however long; the first screen where that says more. */
  full?: boolean;
  signedOut?: boolean;
};

/** What was seen to be wrong; empty if nothing. */
export async function take(browser: Browser, app: App, shots: Shot[]): Promise<string[]> {
  await mkdir(FOLDER, { recursive: true });
  const wrong: string[] = [];
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      const context = await browser.newContext({
        baseURL: app.url, colorScheme, viewport: { width, height: width === 390 ? 844 : 900 }, hasTouch: width === 390,
        locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce',
      });
      const out = await browser.newContext({ baseURL: app.url, colorScheme, viewport: { width, height: 844 } });
      if (shots.some((shot) => !shot.signedOut)) await session(context, app.url);
      for (const shot of shots) {
        const page = await (shot.signedOut ? out : context).newPage();
        await shot.open(page, app);
        await settled(page);
        const name = `${shot.name}-${width}-${colorScheme}`;
        await page.screenshot({ path: path.join(FOLDER, `${name}.png`), fullPage: shot.full ?? true });
        wrong.push(...(await wider(page)).map((what) => `${name}: ${what}`));
        await page.close();
      }
      await context.close();
      await out.close();
    }
  }
  return wrong;
}

/** Signs in as the form does, without a page. */
async function session(context: BrowserContext, url: string): Promise<void> {
  const answer = await context.request.post('/auth/sign-in', { form: OWNER, headers: { origin: url }, maxRedirects: 0 });
  expect(answer.status()).toBe(303);
}

/** Pictures are there, fonts are, and the page has taken over. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (const image of document.images) image.loading = 'eager';
    // A picture of the whole page is taller than the screen, and what is far outside of that is not drawn.
    for (const card of document.querySelectorAll<HTMLElement>('.card')) card.style.contentVisibility = 'visible';
    await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)));
  });
  await drawn(page);
}

/** What hangs out of the screen at the side. */
function wider(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    return wide > 0 ? [`wider than the screen by ${wide} px`] : [];
  });
}
