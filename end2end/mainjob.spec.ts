// The main job, with and without JavaScript: connect, green, amber, reconnect, green, disconnect (SPEC C-3, H-1, H-2, D-6, T-6).
import { expectAccessible } from './accessible';
import { test, expect, signIn } from './fixtures';
import { allow, card, connectMastodon } from './steps';

test.use({ fresh: true });

test('a newcomer connects an account, breaks it and heals it', async ({ page, sandbox }) => {
  await signIn(page);
  const name = await connectMastodon(page, 'toots.example', 'rider');
  await expect(page.getByText(`Connected ${name}.`)).toBeVisible();
  const here = card(page, name).filter({ hasText: 'toots.example' });
  await expect(here.getByText('Healthy', { exact: true })).toBeVisible();
  await expectAccessible(page);

  await sandbox.control({ revoke_grant: { vendor: 'mastodon', person: 'rider@toots.example' } });
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(here.getByText('Needs reconnect', { exact: true })).toBeVisible();
  const panel = page.getByRole('complementary');
  await expect(panel.getByText('Needs reconnect', { exact: true }).first()).toBeVisible();

  await panel.getByRole('link', { name: 'Reconnect', exact: true }).click();
  await allow(page, 'rider');
  await expect(page.getByText(`${name} is back: healthy again.`)).toBeVisible();
  await expect(here.getByText('Healthy', { exact: true })).toBeVisible();

  await page.getByRole('complementary').getByRole('link', { name: 'Disconnect', exact: true }).click();
  await page.getByRole('button', { name: 'Disconnect', exact: true }).click();
  await expect(here.getByText('Disconnected', { exact: true })).toBeVisible();
});

test('the wrong account is explained and changes nothing', async ({ page }) => {
  await signIn(page);
  const name = await connectMastodon(page, 'toots.example', 'baker');
  await page.getByRole('complementary').getByRole('link', { name: 'Reconnect', exact: true }).click();
  await allow(page, 'rider');
  await expect(page).toHaveURL(/\/connect\/problem\?code=wrong-account/);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('link', { name: /try again/i })).toBeVisible();
  await expect(page.getByRole('link', { name: /new account/i })).toBeVisible();
  await expectAccessible(page);
  await page.goto('/connections');
  await expect(card(page, name).filter({ hasText: 'toots.example' }).getByText('Healthy', { exact: true })).toBeVisible();
});

test('declining ends on a page that says so', async ({ page }) => {
  await signIn(page);
  await page.goto('/connect');
  await page.getByRole('link', { name: /^X\b/ }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page).toHaveURL(/\/connect\/problem\?code=declined/);
  await expectAccessible(page);
});

test('Facebook pages are chosen from a list', async ({ page }) => {
  await signIn(page);
  await page.goto('/connect');
  await page.getByRole('link', { name: /^Facebook/ }).click();
  await allow(page, 'idris');
  await expect(page).toHaveURL(/\/connect\/choose\?grant=/);
  await expectAccessible(page);
  const free = page.getByRole('checkbox', { disabled: false, checked: false });
  await free.last().check();
  await page.getByRole('button', { name: /^Connect/ }).click();
  await expect(page).toHaveURL(/\/connections\?account=.*done=connected/);
});

test('Bluesky wants an app password and no other, and connects with one', async ({ page }) => {
  await signIn(page);
  await page.goto('/connect/bluesky');
  const form = page.getByRole('form', { name: 'Or use an app password' });
  await form.getByLabel('Handle').fill('lemon.bsky.example');
  await form.getByLabel('App password').fill('not an app password');
  await form.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(page).toHaveURL(/\/connect\/problem\?code=main-password/);
  await page.getByRole('link', { name: /try again/i }).click();
  await form.getByLabel('Handle').fill('lemon.bsky.example');
  await form.getByLabel('App password').fill('z3st-p7ps-gr0v-e5rd');
  await form.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(page).toHaveURL(/done=connected/);
  await expect(page.locator('li[data-current=true]').getByText('Healthy', { exact: true })).toBeVisible();
});

test('an account of nobody says so and leaks nothing', async ({ page }) => {
  await signIn(page);
  await page.goto('/connections?account=0192aaaa-0000-7000-8000-000000000000');
  await expect(page.getByText('This account does not exist, or not in this workspace.')).toBeVisible();
});

test('a deep link opens the panel of an account from a cold load', async ({ page }) => {
  await signIn(page);
  const last = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: /^View details/ }) }).last();
  const href = await last.getByRole('link', { name: /^View details/ }).getAttribute('href');
  // What is far below the screen is not laid out, so it has no inner text.
  const name = (await last.getByRole('heading', { level: 2 }).textContent())!.trim();
  await page.goto('about:blank');
  await page.goto(href!);
  await expect(page.locator('#panel-title')).toHaveText(name);
  await expect(page.locator('li[data-current=true]')).toHaveCount(1);
  await expect(page.locator('li[data-current=true]')).toContainText(name);
});

test('attention comes first', async ({ page }) => {
  await signIn(page);
  const states = await page.locator('li.card').evaluateAll((cards) => cards.map((one) => one.getAttribute('data-health')));
  const firstGreen = states.indexOf('healthy');
  expect(states.indexOf('needs-reconnect')).toBe(0);
  expect(firstGreen).toBeGreaterThan(0);
  expect(states.slice(firstGreen)).not.toContain('needs-reconnect');
});
