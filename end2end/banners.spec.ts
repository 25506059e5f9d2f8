// The banners at the top of the pages, with and without JavaScript (SPEC A-1).
import type { Page } from '@playwright/test';
import { expectAccessible, fitsTheScreen } from './accessible';
import { test, expect, signIn } from './fixtures';
import { allow } from './steps';

const PAGES = ['/overview', '/launchpad', '/connections'];

test.use({ fresh: true });

function banners(page: Page) {
  return page.getByRole('list', { name: 'Connections that need you' });
}

test('every page names what broke, in each platform\'s own nouns, and fits every screen', async ({ page }) => {
  test.slow();
  await signIn(page);
  for (const path of PAGES) {
    await page.goto(path);
    const all = banners(page).getByRole('listitem');
    await expect(all.filter({ hasText: 'The connection for the following Facebook page(s) has expired: ' })).toHaveCount(1);
    for (const words of await all.getByRole('paragraph').allTextContents()) {
      expect(words).toMatch(/^The connection for the following \S.+\(s\) (has expired|will expire soon): \S.*\.$/);
    }
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 900 });
        await fitsTheScreen(page);
      }
      await expectAccessible(page);
    }
  }
});

test('Re-integrate leads to the consent and back to the overview', async ({ page }) => {
  await signIn(page);
  await page.goto('/overview');
  const banner = banners(page).getByRole('listitem').filter({ hasText: 'Mastodon account(s) has expired' });
  await banner.getByRole('link', { name: 'Re-integrate' }).click();
  await allow(page, 'rider');
  await expect(page).toHaveURL(/\/overview\?done=queue&count=1&total=1$/);
  await expect(page.getByText('The sign-in you chose is renewed.')).toBeVisible();
  await expect(banner).toHaveCount(0);
});

test('what ends soon is put away for a day, what broke is not', async ({ page }) => {
  await signIn(page);
  await page.goto('/overview');
  const soon = banners(page).getByRole('listitem').filter({ hasText: 'will expire soon' });
  const before = await soon.count();
  expect(before).toBeGreaterThan(0);
  await soon.first().getByRole('button', { name: 'Dismiss for a day' }).click();
  await expect(soon).toHaveCount(before - 1);
  await expect(page).toHaveURL(/\/overview/);
  const broken = banners(page).getByRole('listitem').filter({ hasText: 'has expired' });
  await expect(broken.getByRole('button')).toHaveCount(0);
});
