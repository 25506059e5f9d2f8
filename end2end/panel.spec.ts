// The panel's own blocks, with script and without: green days, recent posts, what Meta knows of a token (SPEC D-4, D-5, D-10).
import { expectAccessible } from './accessible';
import { test, expect, signIn } from './fixtures';

test('an admin sees green days, recent posts and a report about the token of a Facebook page', async ({ page }) => {
  await signIn(page);
  await page.goto('/connections?platform=facebook&status=all');
  await page.getByRole('link', { name: /^View details/ }).first().click();
  const panel = page.locator('#panel');
  await expect(panel.getByText(/^Green .* %/)).toBeVisible();
  await expect(panel.locator('.uptime svg rect').first()).toBeAttached();
  await expect(panel.getByRole('heading', { name: 'Recent posts' })).toBeVisible();
  const posts = panel.locator('.recent').getByRole('listitem');
  const note = panel.getByText('Recent posts appear again after the reconnect.');
  await expect(posts.first().or(note)).toBeVisible();

  await panel.getByRole('link', { name: 'Token debug' }).click();
  await expect(panel.getByText('Data access expires').or(panel.getByText(/the token does not work any more/)).first()).toBeVisible();
  await expectAccessible(page);
});
