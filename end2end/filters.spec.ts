// The list narrowed down and repaired, with and without JavaScript (SPEC H-3 to H-6, H-10).
import type { Page } from '@playwright/test';
import { expectAccessible } from './accessible';
import { test, expect, signIn } from './fixtures';
import { MASTODONS, allowMastodons, breakMastodons } from './steps';

const scripted = () => test.info().project.use.javaScriptEnabled !== false;
const cards = (page: Page) => page.locator('.cards > li');
const chip = (page: Page, name: string) => page.getByRole('list', { name: 'Status' }).getByRole('link', { name });
const count = async (page: Page, name: string) => Number(await chip(page, name).locator('.count').innerText());

/** Types into the search field; without script the form has to be sent. */
async function search(page: Page, text: string): Promise<void> {
  await page.getByLabel('Search accounts').fill(text);
  if (!scripted()) await page.getByRole('button', { name: 'Search', exact: true }).click();
}

test('status, platform and text combine, stand in the address, and survive a reload', async ({ page }) => {
  await signIn(page);
  await page.goto('/connections');
  const amber = await count(page, 'Needs reconnect');
  expect(amber).toBeGreaterThan(1);
  await chip(page, 'Needs reconnect').click();
  await expect(page).toHaveURL(/\?status=attention$/);
  await expect(cards(page)).toHaveCount(amber);
  await expect(page.locator('.card[data-health="healthy"]')).toHaveCount(0);
  await expect(chip(page, 'Needs reconnect')).toHaveAttribute('aria-current', 'true');
  await expectAccessible(page);

  const option = page.getByLabel('Platform').getByRole('option', { name: /^Facebook \(\d+\)$/ });
  const pages = Number(/\d+/.exec(await option.innerText())![0]);
  await page.getByLabel('Platform').selectOption('facebook');
  if (!scripted()) await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page).toHaveURL(/status=attention&platform=facebook|platform=facebook/);
  await expect(cards(page)).toHaveCount(pages);
  await page.reload();
  await expect(cards(page)).toHaveCount(pages);
  await expect(page.getByLabel('Platform')).toHaveValue('facebook');

  await search(page, 'zzz no such account');
  await expect(page.getByText('No account fits these filters.')).toBeVisible();
  await expect(cards(page)).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Show all accounts' }).click();
  await expect(page).toHaveURL(/\/connections$/);
  await expect(page.getByLabel('Search accounts')).toHaveValue('');
  await expect(cards(page).first()).toBeVisible();
});

test('a deep link opens its account with filters on, and closing keeps them', async ({ page }) => {
  await signIn(page);
  await page.goto('/connections?status=valid');
  const last = cards(page).last();
  const id = (await last.getAttribute('id'))!.replace('account-', '');
  await page.goto(`/connections?status=valid&account=${id}`);
  await expect(page.getByRole('complementary')).toBeVisible();
  await expect(page.locator(`#account-${id}`)).toHaveAttribute('aria-current', 'true');
  if (scripted()) await expect(page.locator(`#account-${id}`)).toBeInViewport();
  await page.getByRole('link', { name: 'Close details' }).click();
  await expect(page).toHaveURL(/\/connections\?status=valid$/);
});

test.describe('in one sitting', () => {
  test.use({ fresh: true });

  test('ticked accounts are reconnected one after another', async ({ page, sandbox }) => {
    test.setTimeout(90_000);
    await signIn(page);
    await breakMastodons(page, sandbox);
    await page.goto('/connections?status=attention&platform=mastodon');
    const reconnect = page.getByRole('button', { name: scripted() ? /^Reconnect \d+ selected$/ : 'Reconnect selected' });
    await expect(reconnect).toBeHidden();
    for (const [at, host] of Object.keys(MASTODONS).entries()) {
      await cards(page).filter({ hasText: host }).getByRole('checkbox').check();
      await expect(reconnect).toHaveText(scripted() ? `Reconnect ${at + 1} selected` : 'Reconnect selected');
    }
    if (scripted()) {
      await page.getByRole('button', { name: 'Untick all' }).click();
      await expect(reconnect).toBeHidden();
      for (const host of Object.keys(MASTODONS)) await cards(page).filter({ hasText: host }).getByRole('checkbox').check();
      await expect(reconnect).toHaveText('Reconnect 2 selected');
    }
    await reconnect.click();
    await allowMastodons(page);
    await expect(page).toHaveURL(/\/connections\?done=queue&count=2&total=2$/);
    await expect(page.getByText('All 2 sign-ins you chose are renewed.')).toBeVisible();
    for (const host of Object.keys(MASTODONS)) {
      await search(page, host);
      await expect(cards(page)).toHaveCount(1);
      await expect(cards(page).getByText('Healthy', { exact: true })).toBeVisible();
    }
  });
});
