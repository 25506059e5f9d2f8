// Banners appear and vanish in every open tab of every member (SPEC A-2).
import type { Page } from '@playwright/test';
import { test, expect, goLive, signIn, OWNER } from './fixtures';
import { allow, connectMastodon, refreshNow } from './steps';

const VIEWER = { ...OWNER, email: 'viewer@demo.example' };

test.use({ fresh: true });

test('up and down everywhere within a second, for the viewer without the button', async ({ page, otherBrowser, sandbox }) => {
  test.slow();
  await signIn(page);
  const name = await connectMastodon(page, 'toots.example', 'rider');
  const account = new URL(page.url()).searchParams.get('account')!;
  const open = async (path: string, who: typeof OWNER) => {
    const other = await (await otherBrowser()).newPage();
    await signIn(other, who);
    await goLive(other, path);
    return other;
  };
  const mine = [await open('/overview', OWNER), await open('/launchpad', OWNER)];
  const theirs = await open('/overview', VIEWER);
  const connections = await open('/connections', VIEWER);
  const everywhere = [...mine, theirs, connections];
  const banner = (on: Page) => on.locator('.banner').filter({ has: on.locator(`a[href="/connections?account=${account}"]`) });
  for (const tab of everywhere) await expect(banner(tab)).toHaveCount(0);
  await Promise.all(everywhere.map((tab) => tab.evaluate(() => { (window as unknown as { same: boolean }).same = true; })));

  /** How long it takes until every tab is so, in milliseconds. */
  const everywhereSo = async (count: number): Promise<number> => {
    const begun = Date.now();
    await Promise.all(everywhere.map((tab) => expect(banner(tab)).toHaveCount(count, { timeout: 10_000 })));
    return Date.now() - begun;
  };
  // A machine that has no time for five tabs at once is asked again: what counts is that it can be done within a second.
  let [up, down] = [Infinity, Infinity];
  for (let round = 0; round < 3 && Math.max(up, down) > 1_000; round += 1) {
    await page.goto(`/connections?account=${account}`);
    await sandbox.control({ revoke_grant: { vendor: 'mastodon', person: 'rider@toots.example' } });
    await refreshNow(page);
    up = Math.min(up, await everywhereSo(1));
    for (const tab of everywhere) await expect(banner(tab)).toContainText(name);
    for (const tab of mine) await expect(banner(tab).getByRole('link', { name: 'Re-integrate' })).toBeVisible();
    for (const tab of [theirs, connections]) await expect(tab.getByRole('link', { name: 'Re-integrate' })).toHaveCount(0);

    await page.goto(`/oauth/start?platform=mastodon&account=${account}`);
    await allow(page, 'rider');
    down = Math.min(down, await everywhereSo(0));
  }
  expect(Math.max(up, down), `up in ${up} ms, down in ${down} ms`).toBeLessThanOrEqual(1_000);
  for (const tab of everywhere) expect(await tab.evaluate(() => (window as unknown as { same: boolean }).same), 'no reload').toBe(true);
});
