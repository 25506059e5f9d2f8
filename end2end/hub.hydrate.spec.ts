// What needs JavaScript about the overview: it follows every change (SPEC A-2).
import type { Page } from '@playwright/test';
import { test, expect, goLive, signIn } from './fixtures';
import { connectMastodon } from './steps';

test.use({ fresh: true });

const figure = (page: Page, name: RegExp) => page.getByRole('main').getByRole('link', { name });

test('figures, incidents and the count in the navigation follow a change', async ({ page, otherBrowser, sandbox }) => {
  const watching = await (await otherBrowser()).newPage();
  await signIn(watching);
  await goLive(watching, '/overview');
  const read = async (name: RegExp) => Number((await figure(watching, name).innerText()).match(/\d+/)![0]);
  const [accounts, amber] = [await read(/^\d+ Accounts/), await read(/^\d+ Needs? reconnect$/)];

  await signIn(page);
  const name = await connectMastodon(page, 'toots.example', 'rider');
  await expect(figure(watching, new RegExp(`^${accounts + 1} Accounts`))).toBeVisible();

  await sandbox.control({ revoke_grant: { vendor: 'mastodon', person: 'rider@toots.example' } });
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(figure(watching, new RegExp(`^${amber + 1} Needs? reconnect$`))).toBeVisible();
  const newest = watching.getByRole('region', { name: 'Incidents' }).getByRole('listitem').first();
  await expect(newest).toContainText(name);
  await expect(newest).toContainText('Open for');
  await expect(watching.getByRole('navigation').getByText(`${amber + 1} need`)).toBeAttached();
});
