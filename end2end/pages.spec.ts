// Every page there is: what it says, and that nobody is kept out (SPEC 9, H-2, H-11, S-3).
import { expectAccessible } from './accessible';
import { test, expect, signIn } from './fixtures';

const PAGES: [path: string, heading: string | RegExp][] = [
  ['/connections', 'Connections'],
  ['/connect', 'Connect account'],
  ['/connect/mastodon', 'Connect Mastodon'],
  ['/connect/bluesky', 'Connect Bluesky'],
  ['/connect/problem?code=attempt-expired&platform=x', /./],
  ['/compose', 'Create post'],
];

for (const [path, heading] of PAGES) {
  test(`${path} is there and accessible in light and dark`, async ({ page }) => {
    await signIn(page);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
      await expectAccessible(page);
    }
  });
}

test('the sign-in page is accessible', async ({ page }) => {
  await page.goto('/sign-in');
  await expectAccessible(page);
});

test('the demo shows every state', async ({ page }) => {
  await signIn(page);
  for (const words of [/Needs reconnect/, /Healthy/, /expiring in \d+ days/, /\d+ held/, /\d+ scheduled/]) {
    await expect(page.locator('li.card').getByText(words).first()).toBeVisible();
  }
});

test('Create post leads to the composer for that account', async ({ page }) => {
  await signIn(page);
  const link = page.getByRole('link', { name: /^Create post for / }).first();
  const name = (await link.getAttribute('aria-label'))!.replace('Create post for ', '');
  await link.click();
  await expect(page).toHaveURL(/\/compose\?social_account_id=/);
  await expect(page.getByText(name).first()).toBeVisible();
});

test.describe('a new installation', () => {
  test.use({ fresh: true, start: { command: 'serve' } });

  test('is set up once, then says what to do first', async ({ page, app }) => {
    const address = (await app.log()).match(/http:\/\/\S+\/set-up\?token=\S+/)?.[0];
    await page.goto(address!);
    await expectAccessible(page);
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('E-mail').fill('ada@agency.example');
    await page.getByLabel('Password').fill('correct horse battery staple');
    await page.getByLabel('Workspace name').fill('Agency');
    await page.getByRole('button', { name: 'Create workspace' }).click();
    await expect(page.getByRole('heading', { name: 'Connect your first account' })).toBeVisible();
    await expect(page.getByText(/sandbox/).first()).toBeVisible();
    await expectAccessible(page);
    await page.goto(address!);
    await expect(page.getByRole('button', { name: 'Create workspace' })).toHaveCount(1);
  });
});
