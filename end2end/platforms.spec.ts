// Every platform as a person goes through it: connect, green, broken at the vendor, amber with its cause, reconnect, green
// (SPEC C-2, C-3, D-2). The people are not those that the demo has connected already.
import { test, expect, signIn } from './fixtures';
import { allow, card } from './steps';

type Case = {
  name: string;
  /** As the list of platforms names it. */
  platform: RegExp;
  vendor: string;
  person: string;
  /** What happens at the vendor. */
  breaks: string;
  /** The cause, as the panel puts it. */
  cause: RegExp;
  /** Who is broken instead, where the platform may call a token revoked in its first minute and is not believed then. */
  older?: { person: string; name: string };
};

const REVOKED = /taken back|revoked|removed/i;

const cases: Case[] = [
  { name: 'Facebook', platform: /^Facebook/, vendor: 'facebook', person: 'idris', breaks: 'change_password', cause: /password/i },
  { name: 'Instagram', platform: /^Instagram(?! \(through)/, vendor: 'instagram', person: 'spoke_and_saddle', breaks: 'change_password', cause: /password/i },
  { name: 'Instagram through Facebook', platform: /^Instagram \(through Facebook/, vendor: 'facebook', person: 'idris', breaks: 'revoke_grant', cause: REVOKED },
  { name: 'Threads', platform: /^Threads/, vendor: 'threads', person: 'towpathcycling', breaks: 'change_password', cause: /password/i },
  { name: 'LinkedIn', platform: /^LinkedIn/, vendor: 'linkedin', person: 'tomas', breaks: 'revoke_grant', cause: REVOKED, older: { person: 'ines', name: 'Inês Carvalho' } },
  { name: 'X', platform: /^X\b/, vendor: 'x', person: 'quaychoir', breaks: 'revoke_grant', cause: REVOKED },
  { name: 'TikTok', platform: /^TikTok/, vendor: 'tiktok', person: 'bellfoundry', breaks: 'revoke_grant', cause: REVOKED },
  { name: 'YouTube', platform: /^YouTube/, vendor: 'google', person: 'omar', breaks: 'revoke_grant', cause: REVOKED },
  { name: 'Google Business Profile', platform: /^Google Business/, vendor: 'google', person: 'omar', breaks: 'revoke_grant', cause: REVOKED },
  { name: 'Pinterest', platform: /^Pinterest/, vendor: 'pinterest', person: 'quayceramics', breaks: 'revoke_grant', cause: REVOKED },
];

test.use({ fresh: true });

for (const { name: title, platform, vendor, person: newcomer, breaks, cause, older } of cases) {
  test(`${title}: connect, break, reconnect`, async ({ page, sandbox }) => {
    await signIn(page);
    await page.goto('/connect');
    await page.getByRole('link', { name: platform }).click();
    await allow(page, newcomer);
    await expect(page).toHaveURL(/done=connected|\/connect\/choose/);
    if (page.url().includes('/connect/choose')) {
      await page.getByRole('checkbox', { disabled: false }).last().check();
      await page.getByRole('button', { name: /^Connect/ }).click();
    }
    await expect(page).toHaveURL(/\/connections\?account=.*done=connected/);
    // Several cards may have its name: it is the one that is open.
    const here = page.locator('li[data-current=true]');
    await expect(here.getByText('Healthy', { exact: true })).toBeVisible();

    const person = older?.person ?? newcomer;
    if (older) {
      await card(page, older.name).getByRole('link', { name: /^View details/ }).click();
      await expect(here.getByRole('heading', { level: 2, name: older.name })).toBeVisible();
    }
    await sandbox.control({ [breaks]: { vendor, person } });
    await page.getByRole('button', { name: 'Refresh now' }).click();
    await expect(here.getByText('Needs reconnect', { exact: true })).toBeVisible();
    const panel = page.getByRole('complementary');
    await expect(panel.getByText(cause).first()).toBeVisible();

    await panel.getByRole('link', { name: 'Reconnect', exact: true }).click();
    await allow(page, person);
    await expect(page).toHaveURL(/done=reconnected/);
    await expect(here.getByText('Healthy', { exact: true })).toBeVisible();
  });
}

test('Bluesky by its own consent: connect, break, reconnect', async ({ page, sandbox }) => {
  await signIn(page);
  await page.goto('/connect/bluesky');
  const form = page.getByRole('form', { name: 'Sign in at Bluesky' });
  await form.getByLabel('Handle').fill('lemon.bsky.example');
  await form.getByRole('button', { name: 'Continue to Bluesky' }).click();
  await allow(page, 'lemon.bsky.example');
  await expect(page).toHaveURL(/\/connections\?account=.*done=connected/);
  const name = (await page.locator('#panel-title').innerText()).trim();
  const here = card(page, name);
  await expect(here.getByText('Healthy', { exact: true })).toBeVisible();

  await sandbox.control({ revoke_grant: { vendor: 'bluesky', person: 'lemon.bsky.example' } });
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(here.getByText('Needs reconnect', { exact: true })).toBeVisible();

  await page.getByRole('complementary').getByRole('link', { name: 'Reconnect', exact: true }).click();
  await page.getByRole('button', { name: 'Reconnect at Bluesky' }).click();
  await allow(page, 'lemon.bsky.example');
  await expect(page.getByText(`${name} is back: healthy again.`)).toBeVisible();
  await expect(here.getByText('Healthy', { exact: true })).toBeVisible();
});

test('settings tell the operator what to enter where, and ask the vendor', async ({ page }) => {
  await signIn(page);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Platforms' }).click();
  await expect(page).toHaveURL(/\/settings\/platforms/);
  const facebook = page.locator('#facebook');
  await expect(facebook.getByText(/\/oauth\/callback\/facebook$/)).toBeVisible();
  await facebook.getByRole('link', { name: /^Check this app/ }).click();
  await expect(page.locator('#facebook').getByText(/knows this app/)).toBeVisible();
});
