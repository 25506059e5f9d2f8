// The daily health check of a person, with and without JavaScript: open, scan, reconnect what is amber, all green (SPEC H-3, H-10).
import { test, expect, signIn } from './fixtures';
import { allowMastodons, breakMastodons } from './steps';

test.use({ fresh: true, start: { args: ['--accounts', '8'] } });

test('what is amber stands first, and one button leads through all of it until nothing needs attention', async ({ page, sandbox }) => {
  test.setTimeout(120_000);
  await signIn(page);
  await breakMastodons(page, sandbox);

  await page.goto('/connections');
  const states = () => page.locator('li.card').evaluateAll((cards) => cards.map((one) => one.getAttribute('data-health')));
  expect(await states()).toEqual(['needs-reconnect', 'needs-reconnect', ...Array(8).fill('healthy')]);
  await page.getByRole('link', { name: 'Reconnect all 2' }).click();
  await allowMastodons(page);
  await expect(page.getByText('All 2 sign-ins you chose are renewed.')).toBeVisible();
  await expect(page.getByText('No account needs attention')).toBeVisible();
  expect(await states()).toEqual(Array(10).fill('healthy'));
});
