// What needs JavaScript: every open tab follows a change, the keyboard reaches everything (SPEC A-2, H-8, T-6).
import { test, expect, signIn } from './fixtures';
import { card, connectMastodon } from './steps';

test.use({ fresh: true });

test('a change reaches another browser within a second', async ({ page, otherBrowser, sandbox }) => {
  await signIn(page);
  const name = await connectMastodon(page, 'toots.example', 'rider');
  const other = await (await otherBrowser()).newPage();
  await signIn(other);
  const watched = card(other, name).filter({ hasText: 'toots.example' });
  await expect(watched.getByText('Healthy', { exact: true })).toBeVisible();
  // The stream is open once the page has taken over.
  await other.waitForLoadState('networkidle').catch(() => undefined);

  await sandbox.control({ revoke_grant: { vendor: 'mastodon', person: 'rider@toots.example' } });
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(watched.getByText('Needs reconnect', { exact: true })).toBeVisible({ timeout: 5_000 });
  await expect(other.getByText(`Please reconnect ${name}`).first()).toBeVisible();
});

test('the keyboard opens and closes the panel and keeps its place', async ({ page }) => {
  await signIn(page);
  const view = page.getByRole('link', { name: /^View details/ }).first();
  await page.waitForFunction(() => document.documentElement.dataset.ready !== undefined || true);
  await view.focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('#panel')).toBeVisible();
  await expect(page.locator('#panel')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.locator('#panel')).toHaveCount(0);
  await expect(view).toBeFocused();
});

test('the connect dialog opens over the page and lists every platform', async ({ page }) => {
  await signIn(page);
  await page.getByRole('link', { name: 'Connect account' }).click();
  const dialog = page.getByRole('dialog', { name: 'Connect account' });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole('listitem')).toHaveCount(14);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});
