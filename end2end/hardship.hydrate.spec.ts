// What goes wrong on the way to a browser, and people who use another device or no mouse (SPEC H-6, H-7, H-8, A-2; DESIGN 6).
import { devices } from '@playwright/test';
import { expectAccessible } from './accessible';
import { test, expect, lives, prepare, signIn, signInAndListen } from './fixtures';
import { Line } from './line';
import { allow, card, connectMastodon, refreshNow } from './steps';

const WASM = '**/*.wasm*';
const INTERRUPTED = 'Live updates interrupted, trying again';

// SPEC H-6
test('without its WebAssembly the page is read, searched, opened and acted upon', async ({ page, problems }) => {
  problems.allow(/\.wasm|Failed to fetch/);
  await page.route(WASM, (route) => route.abort());
  await signIn(page);
  const first = page.locator('li.card').first();
  await expect(first).toBeVisible();
  await page.getByRole('searchbox').fill('lifeboat');
  await page.getByRole('searchbox').press('Enter');
  await expect(page).toHaveURL(/[?&]q=lifeboat/);
  await expect(page.locator('li.card')).toHaveCount(1);
  await first.getByRole('link', { name: /^View details/ }).click();
  await expect(page.locator('#panel-title')).toHaveText(/Lifeboat/);
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(page.locator('#panel')).toBeVisible();
  await page.getByRole('link', { name: 'Connect account' }).first().click();
  await expect(page.getByRole('link', { name: /^Mastodon/ }).first()).toBeVisible();
  await expectAccessible(page);
});

// SPEC H-6
test('on a slow line the page is read and used before its WebAssembly is there', async ({ page, browser, baseURL }) => {
  await signIn(page);
  const slow = await browser.newContext({ baseURL, storageState: await page.context().storageState() });
  const tab = await slow.newPage();
  const line = await slow.newCDPSession(tab);
  await line.send('Network.enable');
  // What Chromium's own tools call "Slow 3G".
  await line.send('Network.emulateNetworkConditions', { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 });
  let arrived = false;
  tab.on('requestfinished', (request) => { arrived ||= request.url().includes('.wasm'); });
  const began = Date.now();
  await tab.goto('/connections', { waitUntil: 'commit' });
  await expect(tab.locator('li.card').first()).toBeVisible({ timeout: 20_000 });
  const readable = Date.now() - began;
  await tab.locator('li.card').first().getByRole('link', { name: /^View details/ }).click();
  await expect(tab.locator('#panel-title')).toBeVisible({ timeout: 20_000 });
  expect(arrived, 'the WebAssembly was not there yet').toBe(false);
  test.info().annotations.push({ type: 'readable after', description: `${readable} ms` });
  expect(readable).toBeLessThan(8_000);
  await slow.close();
});

// SPEC H-6: no spinner, and no silence.
test('a panel that takes its time shows its place meanwhile', async ({ page }) => {
  await signInAndListen(page);
  await page.route(/\/connections\?.*account=/, async (route) => {
    await new Promise((over) => setTimeout(over, 3_000));
    await route.continue();
  });
  await page.locator('li.card').first().getByRole('link', { name: /^View details/ }).click();
  await expect(page.locator('#panel[aria-busy=true] .skeleton').first()).toBeVisible();
  await expect(page.locator('#panel-title')).toBeVisible();
  await expect(page.locator('#panel')).toBeFocused();
  await expect(page.locator('#panel')).toHaveAttribute('aria-busy', 'false');
  await expect(page.locator('#panel .skeleton')).toHaveCount(0);
});

// SPEC H-3, H-6
test('what was typed, chosen and ticked before the script came counts once it is there', async ({ page }) => {
  let [come, coming] = [() => {}, Promise.resolve()];
  const open = async (path: string) => {
    coming = new Promise<void>((resolve) => { come = resolve; });
    await page.goto(path);
  };
  await signIn(page);
  await page.route(WASM, async (route) => {
    await coming;
    await route.continue();
  });
  await open('/connections');
  await page.getByRole('searchbox').fill('lifeboat');
  come();
  await expect(page).toHaveURL(/[?&]q=lifeboat/);
  await expect(page.locator('li.card')).toHaveCount(1);

  await open('/activity');
  await page.getByLabel('What', { exact: true }).selectOption({ label: 'Broken and healthy again' });
  come();
  await expect(page).toHaveURL(/kind=health/);

  await open('/connections?status=attention');
  await page.locator('.card').getByRole('checkbox').first().check();
  const reconnect = page.getByRole('button', { name: /^Reconnect/ });
  await expect(reconnect).toHaveText('Reconnect selected');
  come();
  await expect(reconnect).toHaveText('Reconnect 1 selected');
  // What was left alone leads nowhere.
  await open('/connections?account=nobody');
  await expect(page.getByRole('complementary')).toBeVisible();
  come();
  await lives(page);
  await expect(page).toHaveURL(/\/connections\?account=nobody$/);
});

test.describe('with accounts of their own', () => {
  test.use({ fresh: true });

  // SPEC A-2, T-1
  test('a browser that was offline says so, comes back, and shows what happened meanwhile', async ({ page, browser, baseURL, sandbox, problems }) => {
    test.setTimeout(120_000);
    await signIn(page);
    const name = await connectMastodon(page, 'toots.example', 'rider');
    const line = await Line.open();
    const away = await browser.newContext({ baseURL, proxy: { server: line.address } });
    problems.watch(away);
    await prepare(away);
    problems.allow(/ERR_(PROXY|CONNECTION|EMPTY|INCOMPLETE|NETWORK)/);
    const other = await away.newPage();
    await signInAndListen(other);
    const watched = card(other, name).filter({ hasText: 'toots.example' });
    await expect(watched.getByText('Healthy', { exact: true })).toBeVisible();

    await line.cut();
    await expect(other.getByText(INTERRUPTED)).toBeVisible({ timeout: 20_000 });
    await sandbox.control({ revoke_grant: { vendor: 'mastodon', person: 'rider@toots.example' } });
    await refreshNow(page);
    await expect(watched.getByText('Healthy', { exact: true })).toBeVisible();

    await line.restore();
    await expect(watched.getByText('Needs reconnect', { exact: true })).toBeVisible({ timeout: 30_000 });
    await expect(other.getByText(INTERRUPTED)).toBeHidden();
    await away.close();
    await line.cut();
  });

  // SPEC A-2
  test('what one person heals turns green on the other person\'s screen, without a reload', async ({ page, otherBrowser, sandbox }) => {
    await signIn(page);
    const name = await connectMastodon(page, 'toots.example', 'rider');
    await sandbox.control({ revoke_grant: { vendor: 'mastodon', person: 'rider@toots.example' } });
    await refreshNow(page);
    const other = await (await otherBrowser()).newPage();
    await signInAndListen(other);
    const watched = card(other, name).filter({ hasText: 'toots.example' });
    await expect(watched.getByText('Needs reconnect', { exact: true })).toBeVisible();
    await other.evaluate(() => Object.assign(window, { same: true }));

    await page.getByRole('complementary').getByRole('link', { name: 'Reconnect', exact: true }).click();
    await allow(page, 'rider');
    await expect(page.getByText(`${name} is back: healthy again.`)).toBeVisible();
    await expect(watched.getByText('Healthy', { exact: true })).toBeVisible({ timeout: 2_000 });
    expect(await other.evaluate(() => (window as unknown as { same?: boolean }).same), 'the same page as before').toBe(true);
  });
});

test.describe('on a phone', () => {
  const { defaultBrowserType: _, ...phone } = devices['iPhone 13'];
  test.use({ ...phone, viewport: { width: 390, height: 844 } });

  // SPEC H-7
  test('everything is in reach of a thumb, nothing hangs over the side', async ({ page }) => {
    await signInAndListen(page);
    const narrow = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
    expect(await narrow()).toBe(true);
    await expectAccessible(page);
    const boxes = await page.locator('li.card').evaluateAll((cards) => cards.slice(0, 6).map((one) => one.getBoundingClientRect().x));
    expect(new Set(boxes).size, 'one column').toBe(1);
    const small = await page.locator('li.card').first().locator('.card-actions a').evaluateAll((links) => links
      .map((link) => ({ words: link.textContent, box: link.getBoundingClientRect() }))
      .filter(({ box }) => box.height < 40 || box.width < 40).map(({ words }) => words));
    expect(small, 'targets that are too small for a finger').toEqual([]);
    await page.locator('li.card').first().getByRole('link', { name: /^View details/ }).tap();
    const panel = page.locator('#panel');
    await expect(panel).toBeInViewport();
    expect(await narrow()).toBe(true);
    await panel.getByRole('link', { name: /close/i }).tap();
    await expect(panel).toHaveCount(0);
  });
});

// SPEC H-8
test('the keyboard alone reaches every quick action, opens the panel and comes back', async ({ page }) => {
  await signInAndListen(page);
  const first = page.locator('li.card').first();
  const wanted = await first.locator('.card-actions a').evaluateAll((links) => links.map((link) => link.id));
  expect(wanted.length).toBeGreaterThanOrEqual(4);
  const reached: string[] = [];
  const view = wanted.find((id) => id.startsWith('view-'))!;
  for (let presses = 0; presses < 80 && !wanted.every((id) => reached.includes(id)); presses += 1) {
    await page.keyboard.press('Tab');
    const here = await page.evaluate(() => {
      const { id, tagName } = document.activeElement!;
      const ring = getComputedStyle(document.activeElement!);
      return { id, tagName, ring: ring.outlineStyle !== 'none' || ring.boxShadow !== 'none' };
    });
    if (here.tagName !== 'BODY') expect(here.ring, `a ring is to be seen around ${here.id}`).toBe(true);
    reached.push(here.id);
  }
  expect(wanted.filter((id) => !reached.includes(id)), 'never reached').toEqual([]);
  while (await page.evaluate(() => document.activeElement!.id) !== view) await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page.locator('#panel')).toBeFocused();
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.querySelector('#panel')!.contains(document.activeElement))).toBe(true);
  await page.keyboard.press('Escape');
  await expect(page.locator('#panel')).toHaveCount(0);
  await expect(page.locator(`#${view}`)).toBeFocused();
});

// SPEC H-8, DESIGN 6
test('who wants no motion gets none', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await signInAndListen(page);
  await page.locator('li.card').first().getByRole('link', { name: /^View details/ }).click();
  await expect(page.locator('#panel')).toBeVisible();
  const moving = await page.evaluate(() => [...document.querySelectorAll('*')].flatMap((one) => {
    const { animationName, animationDuration, animationIterationCount, transitionDuration } = getComputedStyle(one);
    const seconds = (list: string) => Math.max(...list.split(',').map((each) => parseFloat(each) * (each.trim().endsWith('ms') ? 0.001 : 1)));
    const animated = animationName !== 'none' && (seconds(animationDuration) > 0.01 || animationIterationCount === 'infinite');
    return animated || seconds(transitionDuration) > 0.01 ? [`${one.tagName}.${one.className}`] : [];
  }));
  expect([...new Set(moving)]).toEqual([]);
});
