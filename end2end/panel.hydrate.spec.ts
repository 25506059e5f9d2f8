// Where the focus goes with the panel, by keys alone (SPEC H-8).
import { test, expect, goLive, signIn } from './fixtures';

test('the way back closes the panel and gives the focus back to the link that opened it', async ({ page }) => {
  await signIn(page);
  await goLive(page, '/connections');
  const link = page.getByRole('link', { name: /^View details/ }).nth(1);
  const id = (await link.getAttribute('id'))!;
  await link.focus();
  await page.keyboard.press('Enter');
  const panel = page.locator('#panel');
  await expect(panel).toBeFocused();
  // A question in front of it: back from there leads to the panel.
  await panel.getByRole('link', { name: /^Remove/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/confirm=remove/);
  await page.goBack();
  await expect(page).not.toHaveURL(/confirm/);
  await expect(panel).toBeFocused();
  await page.goBack();
  await expect(page).toHaveURL(/\/connections$/);
  await expect(panel).toHaveCount(0);
  await expect(page.locator(`[id="${id}"]`)).toBeFocused();
});
