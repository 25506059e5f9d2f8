// The activity log and the calendar's address, with and without JavaScript (SPEC W-6, 6).
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expectAccessible, fitsTheScreen } from './accessible';
import { test, expect, signIn } from './fixtures';

test.use({ fresh: true });

async function choose(page: Page, label: string, choice: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).selectOption({ label: choice });
  // With script the choice is enough.
  if (test.info().project.use.javaScriptEnabled === false) await page.getByRole('button', { name: 'Show' }).click();
}

test('the log is found, narrowed down, turned and taken away', async ({ page }) => {
  await signIn(page);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Activity' }).click();
  await expect(page).toHaveURL(/\/activity$/);
  const lines = page.locator('.log').getByRole('listitem');
  await expect(lines).toHaveCount(50);
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(page).toHaveURL(/\/activity\?older=/);
  await page.getByRole('link', { name: 'Newer' }).click();
  await choose(page, 'What', 'Broken and healthy again');
  await expect(page).toHaveURL(/kind=health/);
  await expect(lines.filter({ hasNotText: /Needs reconnect|Healthy again|Still needs reconnect/ })).toHaveCount(0);
  await expect(lines.first()).toContainText('Pilotlight');

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export as CSV' }).click()]);
  expect(download.suggestedFilename()).toBe('activity.csv');
  const rows = (await readFile((await download.path())!, 'utf8')).trim().split('\r\n');
  expect(rows.length - 1).toBe(await lines.count());

  const name = (await lines.first().getByRole('link').innerText()).trim();
  await lines.first().getByRole('link').click();
  await expect(page).toHaveURL(/\/connections\?account=/);
  await expect(page.locator('#panel-title')).toHaveText(name);
});

test('the log fits every screen, light and dark', async ({ page }) => {
  await signIn(page);
  await page.goto('/activity');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await fitsTheScreen(page);
      await expectAccessible(page);
    }
  }
});

test('an address of the calendar is made, shown once, read and revoked', async ({ page, playwright }) => {
  await signIn(page);
  await page.goto('/overview');
  await page.getByRole('link', { name: 'In your calendar' }).click();
  await page.getByRole('button', { name: 'Make an address' }).click();
  const address = await page.getByLabel('Address of the calendar').inputValue();
  await expectAccessible(page);
  const stranger = await playwright.request.newContext();
  const calendar = await stranger.get(address);
  expect(calendar.status()).toBe(200);
  expect(await calendar.text()).toContain('SUMMARY:');
  await page.getByRole('button', { name: 'Revoke the address' }).click();
  await expect(page.getByRole('button', { name: 'Make an address' })).toBeVisible();
  await expect(page.getByLabel('Address of the calendar')).toHaveCount(0);
  expect((await stranger.get(address)).status()).toBe(404);
  await stranger.dispose();
});
