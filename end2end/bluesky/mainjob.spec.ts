// The main job against a real Bluesky server: nothing of it is ours but the pages (SPEC C-2, T-6).
import { test, expect } from './fixtures';
import { card } from '../steps';

test('connect, green, app password revoked there, amber here, reconnect, green', async ({ page, app, bluesky, account }) => {
  const address = (await app.log()).match(/http:\/\/\S+\/set-up\?token=\S+/)?.[0];
  expect(address, 'the set-up address is printed').toBeTruthy();
  await page.goto(address!);
  await page.getByLabel('Your name').fill('Ada');
  await page.getByLabel('E-mail').fill('ada@agency.example');
  await page.getByLabel('Password').fill('correct horse battery staple');
  await page.getByLabel(/workspace/i).fill('Agency');
  await page.getByRole('button', { name: /create|set up/i }).click();
  await expect(page).toHaveURL(/\/connections/);

  const host = new URL(bluesky.url).host;
  const connect = async (password: string, button: string) => {
    await page.getByLabel('Handle').fill(account.handle);
    await page.getByLabel('App password').fill(password);
    await page.getByLabel('Server').fill(host);
    await page.getByRole('button', { name: button, exact: true }).click();
  };
  await page.goto('/connect/bluesky');
  await connect(await bluesky.createAppPassword(account, 'first'), 'Connect');
  await expect(page).toHaveURL(/done=connected/);
  const here = card(page, account.handle);
  await expect(here.getByText('Healthy', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(page.getByText(/^Access token refreshed for/).first()).toBeVisible();
  await expect(here.getByText('Healthy', { exact: true })).toBeVisible();

  await bluesky.revokeAppPassword(account, 'first');
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(here.getByText('Needs reconnect', { exact: true })).toBeVisible();

  await page.getByRole('complementary').getByRole('link', { name: 'Reconnect', exact: true }).click();
  await connect(await bluesky.createAppPassword(account, 'second'), 'Reconnect');
  await expect(page).toHaveURL(/done=reconnected/);
  await expect(here.getByText('Healthy', { exact: true })).toBeVisible();
});
