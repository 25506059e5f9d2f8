// Nothing moves when the WebAssembly arrives: not by a pixel, on a cold load, on a phone and on a desk (SPEC H-6).
import type { Page } from '@playwright/test';
import { test, expect, signIn } from './fixtures';
import { drawn } from './steps';

test.use({ fresh: true, timezoneId: 'Asia/Tokyo', locale: 'ja-JP' });

type Moved = { value: number; what: string[] };

/** Remembers every shift with what moved, from the first byte on. */
async function watchForShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    type Shift = PerformanceEntry & { value: number; sources: { node: Node | null }[] };
    const moved: { value: number; what: string[] }[] = [];
    Object.assign(window, { moved });
    const name = (node: Node | null) => ((node as Element | null)?.outerHTML ?? `${node?.textContent} in ${node?.parentElement?.outerHTML}`).slice(0, 200);
    new PerformanceObserver((list) => {
      for (const shift of list.getEntries() as Shift[]) moved.push({ value: shift.value, what: shift.sources.map(({ node }) => name(node)) });
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

// Taller than any screen: what is outside of it does not count as moved.
for (const [width, height] of [[390, 2_400], [1_440, 2_400]] as const) {
  test(`nothing moves on a cold load, ${width} px wide`, async ({ page, app, browser }) => {
    await signIn(page);
    const storageState = await page.context().storageState();
    await page.goto('about:blank');
    const moved = async (path: string) => {
      const cold = await browser.newContext({ baseURL: app.url, storageState, viewport: { width, height }, timezoneId: 'Asia/Tokyo', locale: 'ja-JP' });
      const view = await cold.newPage();
      await watchForShifts(view);
      const stream = view.waitForResponse((answer) => answer.url().endsWith('/live'));
      await view.goto(path);
      await stream;
      // The tab has come once it tells the time of the place.
      await expect(view.locator('time[title$="UTC"]')).toHaveCount(0);
      await expect(view.locator('time').filter({ hasText: /UTC$/ })).toHaveCount(0);
      const told = await view.locator('time[title]').evaluateAll((times) =>
        times.map((time) => {
          const at = new Date(time.getAttribute('datetime')!);
          const there = new Intl.DateTimeFormat('ja-JP', { timeZone: 'Asia/Tokyo', hour: 'numeric', minute: '2-digit' }).format(at);
          return time.getAttribute('title')!.endsWith(` ${there}`) ? null : `${time.getAttribute('title')} for ${there}`;
        }),
      );
      expect(told.filter(Boolean), 'the time of the place').toEqual([]);
      await drawn(view);
      const moved = await view.evaluate(() => (window as unknown as { moved: Moved[] }).moved);
      await cold.close();
      return moved;
    };
    for (const path of ['/connections', '/overview', '/launchpad']) {
      // The demo lives: something may really happen while the page comes. What the script moves, it moves each time.
      let seen = await moved(path);
      for (let again = 0; again < 2 && seen.length > 0; again += 1) seen = await moved(path);
      expect(seen, `${path} at ${width} px`).toEqual([]);
    }
  });
}

// A slow network brings the head of the page first, and the member's own part of it last.
for (const width of [390, 768]) {
  test(`the head of the page keeps its place until the member is known, ${width} px wide`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await signIn(page);
    const places = () =>
      page.evaluate(() =>
        ['.side', '.side .wordmark', '.jump-open', 'main'].map((part) => {
          const { x, y, width, height } = document.querySelector(part)!.getBoundingClientRect();
          return { part, x, y, width, height };
        }),
      );
    const whole = await places();
    await page.locator('.profile').evaluate((profile) => profile.remove());
    await page.locator('.side nav').evaluate((nav) => nav.remove());
    expect(await places()).toEqual(whole);
  });
}

// A page comes in pieces, and may be drawn between two of them.
for (const width of [390, 768, 1_440]) {
  test(`what is drawn of the navigation keeps its place while the rest comes, ${width} px wide`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await signIn(page);
    // In one go: the page lives, and would put back what is gone.
    const drawn = await page.evaluate(() => {
      const links = () =>
        [...document.querySelectorAll('.side nav a')].map((link) => {
          const { x, y, width, height } = link.getBoundingClientRect();
          return { link: link.getAttribute('href'), x, y, width, height };
        });
      const after = [links()];
      while (after[0]!.length > after.length) {
        document.querySelector('.side nav li:last-child')!.remove();
        after.push(links());
      }
      return after;
    });
    expect(drawn.length).toBeGreaterThan(3);
    for (const part of drawn) expect(part).toEqual(drawn[0]!.slice(0, part.length));
  });
}

test('the head of the page has room for everything, however wide the screen', async ({ page }) => {
  await signIn(page);
  for (const count of ['7', '128']) {
    await page.locator('.nav-count').evaluate((badge, count) => { badge.textContent = count; }, count);
    for (const width of [641, 667, 720, 744, 767, 768, 820, 896, 900, 959]) {
      await page.setViewportSize({ width, height: 900 });
      const [link, jump, profile] = await page.evaluate(() =>
        ['.side nav li:last-child a', '.jump-open', '.profile'].map((part) => document.querySelector(part)!.getBoundingClientRect()),
      );
      expect(jump!.left, `navigation and search, ${width} px`).toBeGreaterThanOrEqual(link!.right);
      expect(profile!.left, `search and profile, ${width} px`).toBeGreaterThanOrEqual(jump!.right);
    }
  }
});
