// "Check all", with and without JavaScript (SPEC T-7).
import { expectAccessible } from './accessible';
import { test, expect, signIn } from './fixtures';

test.use({ fresh: true });

test('every account is checked, and the page says how far it is', async ({ page, sandbox }) => {
  await signIn(page);
  const bar = page.getByRole('progressbar', { name: /^Checking \d+ of \d+$/ });
  await expect(bar).toHaveCount(0);
  await sandbox.control({ on: 'social.example', kind: { delay: 5_000 }, times: 1 });
  await page.getByRole('button', { name: 'Check all' }).click();
  await expect(bar).toBeVisible();
  await expect(page.getByRole('button', { name: 'Check all' })).toHaveAttribute('aria-disabled', 'true');
  await expectAccessible(page);

  // Without script the page is asked again by hand.
  await expect(async () => {
    if (test.info().project.use.javaScriptEnabled === false && await bar.count()) await page.getByRole('link', { name: 'Look again' }).click();
    await expect(bar).toHaveCount(0, { timeout: 500 });
  }).toPass({ timeout: 20_000 });
  await expect(page.getByRole('button', { name: 'Check all' })).toHaveAttribute('aria-disabled', 'false');
  await page.getByRole('link', { name: /^View details/ }).first().click();
  await expect(page.getByRole('complementary').getByText(/just now|second|minute/).first()).toBeVisible();
});
