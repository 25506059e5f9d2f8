// The main job against a real Bluesky server: nothing of it is ours but the pages (SPEC C-2, T-6).
import { test, expect } from './fixtures';
import type { App } from '../app';
import { card } from '../steps';
import type { Page } from '@playwright/test';

async function setUp(page: Page, app: App): Promise<void> {
  const address = (await app.log()).match(/http:\/\/\S+\/set-up\?token=\S+/)?.[0];
  expect(address, 'the set-up address is printed').toBeTruthy();
  await page.goto(address!);
  await page.getByLabel('Your name').fill('Ada');
  await page.getByLabel('E-mail').fill('ada@agency.example');
  await page.getByLabel('Password').fill('correct horse battery staple');
  await page.getByLabel(/workspace/i).fill('Agency');
  await page.getByRole('button', { name: /create|set up/i }).click();
  await expect(page).toHaveURL(/\/connections/);
}

test('by OAuth: connect, green, refreshed, ended there, amber here, reconnect, green', async ({ page, app, bluesky, account }) => {
  test.setTimeout(120_000);
  await setUp(page, app);
  // A token of 16 seconds is replaced after eight: the keeper does it by itself.
  await bluesky.shortenTokens(16_000);
  const consent = async () => {
    // Whoever is signed in there already is asked for no password again.
    const password = page.getByLabel('Password', { exact: true });
    const allow = page.getByRole('button', { name: /^(Authorize|Accept|Allow)$/ });
    await expect(password.or(allow).first()).toBeVisible({ timeout: 20_000 });
    if (await password.isVisible()) {
      await password.fill(account.password);
      await page.getByRole('button', { name: /sign in|next|submit/i }).click();
    }
    await allow.click();
  };
  await page.goto('/connect/bluesky');
  const form = page.getByRole('form', { name: 'Sign in at Bluesky' });
  await form.getByLabel('Handle').fill(account.handle);
  await form.getByLabel('Server').fill(new URL(bluesky.url).host);
  await form.getByRole('button', { name: 'Continue to Bluesky' }).click();
  await consent();
  await expect(page).toHaveURL(/done=connected/);
  const here = card(page, account.handle);
  await expect(here.getByText('Healthy', { exact: true })).toBeVisible();
  // Twice: the second time the pair that replaced the first is replaced.
  await expect(async () => {
    await page.reload();
    const entries = page.getByRole('region', { name: 'History' }).getByText(/^Access token refreshed/);
    expect(await entries.count()).toBeGreaterThanOrEqual(2);
  }).toPass({ timeout: 60_000, intervals: [2_000] });
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(here.getByText('Healthy', { exact: true })).toBeVisible();

  await bluesky.endSessions(account);
  await bluesky.shortenTokens(3_600_000);
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(here.getByText('Needs reconnect', { exact: true })).toBeVisible();

  await page.getByRole('complementary').getByRole('link', { name: 'Reconnect', exact: true }).click();
  await page.getByRole('button', { name: 'Reconnect at Bluesky' }).click();
  await consent();
  await expect(page).toHaveURL(/done=reconnected/);
  await expect(here.getByText('Healthy', { exact: true })).toBeVisible();
});

test('connect, green, app password revoked there, amber here, reconnect, green', async ({ page, app, bluesky, account }) => {
  await setUp(page, app);
  const host = new URL(bluesky.url).host;
  const connect = async (password: string, button: string) => {
    const form = page.getByRole('form', { name: 'Or use an app password' });
    await form.getByLabel('Handle').fill(account.handle);
    await form.getByLabel('App password').fill(password);
    await form.getByLabel('Server').fill(host);
    await form.getByRole('button', { name: button, exact: true }).click();
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
