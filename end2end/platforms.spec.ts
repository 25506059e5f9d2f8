// Every platform as a person goes through it: connect, green, broken at the vendor, amber with its cause, reconnect, green
// (SPEC C-2, C-3, D-2). The people are not those that the demo has connected already.
import { test, expect, signIn } from './fixtures';
import { allow, card } from './steps';

type Case = {
  /** As the list of platforms names it. */
  platform: RegExp;
  vendor: string;
  person: string;
  /** One login brings several destinations. */
  choose?: boolean;
  /** What happens at the vendor. */
  breaks: string;
  /** The cause, as the panel puts it. */
  cause: RegExp;
};

const cases: Case[] = [
  { platform: /^Facebook/, vendor: 'facebook', person: 'idris', choose: true, breaks: 'change_password', cause: /password/i },
  { platform: /^X\b/, vendor: 'x', person: 'quaychoir', breaks: 'revoke_grant', cause: /taken back|revoked|removed/i },
  { platform: /^Threads/, vendor: 'threads', person: 'towpathcycling', breaks: 'change_password', cause: /password/i },
  { platform: /^LinkedIn/, vendor: 'linkedin', person: 'tomas', choose: true, breaks: 'revoke_grant', cause: /taken back|revoked|removed/i },
  { platform: /^Pinterest/, vendor: 'pinterest', person: 'quayceramics', breaks: 'revoke_grant', cause: /taken back|revoked|removed/i },
];

test.use({ fresh: true });

for (const { platform, vendor, person, choose, breaks, cause } of cases) {
  test(`${vendor}: connect, break, reconnect`, async ({ page, sandbox }) => {
    await signIn(page);
    await page.goto('/connect');
    await page.getByRole('link', { name: platform }).click();
    await allow(page, person);
    if (choose) {
      await page.getByRole('checkbox', { disabled: false, checked: false }).last().check();
      await page.getByRole('button', { name: /^Connect/ }).click();
    }
    await expect(page).toHaveURL(/\/connections\?account=.*done=connected/);
    const name = (await page.locator('#panel-title').innerText()).trim();
    const here = card(page, name);
    await expect(here.getByText('Healthy', { exact: true })).toBeVisible();

    await sandbox.control({ [breaks]: { vendor, person } });
    await page.getByRole('button', { name: 'Refresh now' }).click();
    await expect(here.getByText('Needs reconnect', { exact: true })).toBeVisible();
    const panel = page.getByRole('complementary');
    await expect(panel.getByText(cause).first()).toBeVisible();

    await panel.getByRole('link', { name: 'Reconnect', exact: true }).click();
    await allow(page, person);
    await expect(page.getByText(`${name} is back: healthy again.`)).toBeVisible();
    await expect(here.getByText('Healthy', { exact: true })).toBeVisible();
  });
}

test('settings tell the operator what to enter where, and ask the vendor', async ({ page }) => {
  await signIn(page);
  await page.getByRole('link', { name: 'Platforms' }).click();
  await expect(page).toHaveURL(/\/settings\/platforms/);
  const facebook = page.locator('#facebook');
  await expect(facebook.getByText(/\/oauth\/callback\/facebook$/)).toBeVisible();
  await facebook.getByRole('link', { name: /^Check this app/ }).click();
  await expect(page.locator('#facebook').getByText(/knows this app/)).toBeVisible();
});
