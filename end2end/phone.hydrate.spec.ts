// A phone: pull down to refresh, the panel as a sheet that a finger closes, one column (SPEC H-7).
import type { CDPSession, Page } from '@playwright/test';
import { test, expect, goLive, signIn } from './fixtures';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

/** A finger that goes down from one height to another, and then off the screen unless the system takes it away. */
async function swipe(cdp: CDPSession, from: number, to: number, end: 'touchEnd' | 'touchCancel' = 'touchEnd'): Promise<void> {
  const at = (y: number) => [{ x: 195, y }];
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(from) });
  for (let step = 1; step <= 8; step++) {
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(from + ((to - from) * step) / 8) });
  }
  await cdp.send('Input.dispatchTouchEvent', { type: end, touchPoints: [] });
}

async function open(page: Page, place: string): Promise<CDPSession> {
  await signIn(page);
  await goLive(page, place);
  return page.context().newCDPSession(page);
}

test('pulling the page down has every account checked', async ({ page }) => {
  const cdp = await open(page, '/connections');
  const asked = page.waitForRequest((request) => request.url().endsWith('/api/check_all'));
  await swipe(cdp, 450, 700);
  await asked;
  await expect(page.getByText(/^Check(ing|ed) \d+ /).first()).toBeVisible();
});

test('a short pull, or one in the middle of the page, asks nobody', async ({ page }) => {
  const cdp = await open(page, '/connections');
  let asked = 0;
  page.on('request', (request) => (asked += Number(request.url().endsWith('/api/check_all'))));
  await swipe(cdp, 450, 500);
  await page.evaluate(() => scrollTo({ top: 600, behavior: 'instant' }));
  await swipe(cdp, 450, 700);
  await page.goto('/connections');
  expect(asked).toBe(0);
});

test('the panel is a sheet that a finger closes, and the cards stand in one column', async ({ page }) => {
  const cdp = await open(page, '/connections');
  const lefts = await page.locator('.cards > li').evaluateAll((cards) => [...new Set(cards.map((card) => card.getBoundingClientRect().left))]);
  expect(lefts).toHaveLength(1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.getByRole('link', { name: /^View details/ }).first().click();
  const panel = page.getByRole('complementary');
  await expect(panel).toBeVisible();
  await expect.poll(async () => Math.round((await panel.boundingBox())!.y + (await panel.boundingBox())!.height)).toBe(844);
  const top = (await panel.boundingBox())!.y;
  await swipe(cdp, top + 30, top + 60);
  await expect(panel).toBeVisible();
  await swipe(cdp, top + 30, top + 260, 'touchCancel');
  await expect.poll(async () => (await panel.boundingBox())!.y, 'it is back where it was').toBeCloseTo(top, 0);
  await swipe(cdp, top + 30, top + 260);
  await expect(panel).toHaveCount(0);
  await expect(page).toHaveURL(/\/connections$/);
});

// SPEC A-1: a banner for each platform, and still a page under them.
test('several banners lie side by side, and each can be reached', async ({ page }) => {
  await signIn(page);
  for (const place of ['/overview', '/connections', '/launchpad']) {
    await page.goto(place);
    const banners = page.locator('.banners > .banner');
    expect(await banners.count(), place).toBeGreaterThan(2);
    expect((await page.getByRole('heading', { level: 1 }).boundingBox())!.y, place).toBeLessThan(500);
    const last = banners.last().getByRole('link').first();
    await expect(last, place).not.toBeInViewport();
    await last.focus();
    await expect(last, place).toBeInViewport();
    expect(await page.evaluate(() => document.documentElement.scrollWidth), place).toBe(390);
  }
});

test('a link leads to the top of the next page, and back to where one was', async ({ page }) => {
  await open(page, '/connections');
  await page.evaluate(() => scrollTo({ top: 900, behavior: 'instant' }));
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Activity' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Activity' })).toBeInViewport();
  await expect(page.getByRole('main')).toBeFocused();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1, name: 'Connections' })).toBeAttached();
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(900);
});
