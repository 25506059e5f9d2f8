// What needs JavaScript about checks: every open tab follows, each message comes once, nothing moves (SPEC T-6, T-7).
import type { Page } from '@playwright/test';
import { test, expect, signIn, signInAndListen } from './fixtures';
import { connectMastodon } from './steps';

test.use({ fresh: true });

/** Notes every message that the page ever shows. */
async function noteMessages(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const messages: string[] = [];
    Object.assign(window, { messages });
    new MutationObserver((changes) => {
      for (const node of changes.flatMap((change) => [...change.addedNodes])) {
        if (node instanceof HTMLElement && node.matches('.toast')) messages.push(node.innerText.trim());
      }
    }).observe(document, { subtree: true, childList: true });
  });
  return () => page.evaluate(() => (window as unknown as { messages: string[] }).messages);
}

test('progress and result of a check of all accounts reach every open tab, once', async ({ page, otherBrowser, sandbox }) => {
  const other = await (await otherBrowser()).newPage();
  const tabs = [{ page, messages: await noteMessages(page) }, { page: other, messages: await noteMessages(other) }];
  for (const tab of tabs) await signInAndListen(tab.page);
  await sandbox.control({ on: 'social.example', kind: { delay: 12_000 }, times: 1 });

  const place = () => page.evaluate(() => ['h1', '.tools', '.tools .button', '.filters', '.cards']
    .map((each) => JSON.stringify(document.querySelector(each)!.getBoundingClientRect())));
  const before = await place();
  await page.getByRole('button', { name: 'Check all' }).click();
  // A tab that opens in the middle sees it too.
  const late = await page.context().newPage();
  await late.goto('/connections');
  await expect(late.getByRole('progressbar')).toBeVisible();
  await late.close();
  for (const tab of tabs) {
    const bar = tab.page.getByRole('progressbar', { name: /^Checking [1-9]\d* of \d+$/ });
    await expect(bar).toBeVisible();
    await expect(tab.page.getByRole('button', { name: 'Check all' })).toHaveAttribute('aria-disabled', 'true');
    await expect(tab.page.getByRole('status').getByText(/^Checking \d+ accounts$/)).toHaveCount(1);
  }
  expect(await place(), 'nothing moves').toEqual(before);
  await expect(page.getByRole('button', { name: 'Check all' })).toBeFocused();

  for (const tab of tabs) {
    await expect(tab.page.locator('.toast').getByText(/^Checked \d+ accounts: \d+ healthy/)).toBeVisible({ timeout: 20_000 });
    await expect(tab.page.getByRole('progressbar')).toHaveCount(0);
    await expect(tab.page.getByRole('button', { name: 'Check all' })).toHaveAttribute('aria-disabled', 'false');
    // Two of the accounts got new tokens on the way: good news of each are left to the result.
    expect(await tab.messages()).toEqual([expect.stringMatching(/^Checked \d+ accounts: /)]);
  }
  expect(await place(), 'and everything is back where it was').toEqual(before);
});

test('who presses Refresh now hears the news once, although the stream tells it as well', async ({ page, otherBrowser, sandbox }) => {
  test.setTimeout(90_000);
  const messages = await noteMessages(page);
  const other = await (await otherBrowser()).newPage();
  const heard = await noteMessages(other);
  await signIn(page);
  const name = await connectMastodon(page, 'toots.example', 'rider');
  await signInAndListen(other);
  // The keeper looks at a new connection within seconds; then it is ours for hours.
  const panel = page.getByRole('complementary');
  await expect(panel.getByText(/^in (\d+ hours|1 day)$/)).toBeVisible({ timeout: 30_000 });
  await sandbox.control({ revoke_grant: { vendor: 'mastodon', person: 'rider@toots.example' } });
  // Long enough for a busy machine to look twice.
  await sandbox.control({ on: 'toots.example', kind: { delay: 5_000 }, times: 1 });

  const button = panel.locator('form[action="/api/check"] button');
  await expect(button).toHaveAccessibleName('Refresh now');
  const wide = (await button.boundingBox())!.width;
  const answered = page.waitForResponse((answer) => answer.url().endsWith('/api/check'));
  await button.click();
  await expect(button).toHaveAccessibleName('Checking…');
  await expect(button).toHaveAttribute('aria-busy', 'true');
  expect((await button.boundingBox())!.width).toBe(wide);
  await answered;
  await expect(button).toHaveAccessibleName('Refresh now');
  const words = `Please reconnect ${name}`;
  for (const tab of [page, other]) await expect(tab.getByRole('alert').getByText(words)).toBeVisible();
  expect((await messages()).filter((each) => each === words)).toEqual([words]);
  expect((await heard()).filter((each) => each === words)).toEqual([words]);
});
