import { expectAccessible } from './accessible';
import { expect, OWNER, signIn, test } from './fixtures';

// SPEC W-1, W-2: the owner of the demo signs in and lands on the workspace's connections.
test('the demo owner signs in and sees the connections', async ({ page, javaScriptEnabled }) => {
  await signIn(page);
  await expect(page.getByRole('heading', { name: 'Connections', exact: true, level: 1 })).toBeVisible();
  if (javaScriptEnabled) await expectAccessible(page);
});

test('a wrong password says so and opens nothing', async ({ page, problems }) => {
  problems.allow(/status of 4\d\d/);
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(OWNER.email);
  await page.getByLabel('Password').fill('not-the-password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
  await page.goto('/connections');
  await expect(page).toHaveURL(/\/sign-in/);
});
