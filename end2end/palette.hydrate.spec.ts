// "Jump to…" with the keyboard alone, and with a finger.
import type { Page } from '@playwright/test';
import { expectAccessible } from './accessible';
import { test, expect, goLive, signIn } from './fixtures';

async function open(page: Page): Promise<void> {
  await goLive(page, '/overview');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog', { name: 'Jump to' })).toBeVisible();
}

const box = (page: Page) => page.getByRole('combobox', { name: 'Account or page' });
const options = (page: Page) => page.getByRole('listbox', { name: 'Accounts and pages' }).getByRole('option');

/** The option that a screen reader is told of. */
async function marked(page: Page): Promise<string> {
  const id = await box(page).getAttribute('aria-activedescendant');
  const option = page.locator(`[id="${id}"]`);
  await expect(option).toHaveAttribute('aria-selected', 'true');
  await expect(page.locator('[role=option][aria-selected=true]')).toHaveCount(1);
  return (await option.locator('bdi').innerText()).trim();
}

test('keys alone lead to an account', async ({ page }) => {
  await signIn(page);
  await open(page);
  await expect(box(page)).toBeFocused();
  // Pages first, then the accounts that need a hand.
  await expect(options(page).first()).toContainText('Overview');
  await expect(options(page).filter({ hasText: 'Needs reconnect' }).first()).toBeVisible();
  await expectAccessible(page);

  // At once: each pause while typing would ask, and mark the first line again.
  await page.keyboard.insertText('MASTODON');
  await expect(options(page).filter({ hasText: 'Page' })).toHaveCount(0);
  await expect(options(page).filter({ hasText: 'Mastodon' }).first()).toBeVisible();
  const count = await options(page).count();
  expect(count).toBeGreaterThan(1);
  const first = await marked(page);
  await page.keyboard.press('ArrowDown');
  const second = await marked(page);
  expect(second).not.toBe(first);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  expect(await marked(page), 'it goes round').toBe((await options(page).last().locator('bdi').innerText()).trim());
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  expect(await marked(page)).toBe(second);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/connections\?account=/);
  await expect(page.getByRole('dialog', { name: 'Jump to' })).toBeHidden();
  await expect(page.locator('#panel-title')).toHaveText(second);
  // And from there to the next one.
  await page.keyboard.press('Control+k');
  await expect(box(page)).toHaveValue('');
  await page.keyboard.type('launch');
  await expect(options(page)).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/launchpad$/);
  await expect(page.locator('main')).toBeFocused();
  // Every page of the navigation.
  await page.keyboard.press('Control+k');
  await page.keyboard.insertText('activity');
  await expect(options(page).first()).toContainText('Activity');
  await expect(options(page)).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/activity$/);
});

test('Enter waits for the answer to what was typed', async ({ page }) => {
  await signIn(page);
  await open(page);
  await expect(options(page).filter({ hasText: 'Needs reconnect' }).first()).toBeVisible();
  let late = 0;
  await page.route(/\/jump\?q=/, async (route) => {
    late += 1;
    await new Promise((resolve) => setTimeout(resolve, 500));
    await route.continue();
  });
  await page.keyboard.type('telegram');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/connections\?account=/);
  expect(late).toBeGreaterThan(0);
  await expect(page.getByRole('complementary').getByText(/Telegram/).first()).toBeVisible();
});

test('Escape closes it and gives the focus back', async ({ page }) => {
  await signIn(page);
  await open(page);
  await page.keyboard.press('Escape');
  const button = page.getByRole('link', { name: 'Jump to…' });
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(box(page)).toBeFocused();
  await page.keyboard.type('no such account');
  await expect(page.getByRole('dialog').getByRole('status')).toHaveText('Nothing found.');
  await expect(box(page)).not.toHaveAttribute('aria-activedescendant');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Jump to' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Jump to' })).toBeHidden();
  await expect(button).toBeFocused();
  await expect(page).toHaveURL(/\/overview$/);
});

test('typing fast asks once', async ({ page }) => {
  await signIn(page);
  await open(page);
  await expect(options(page).filter({ hasText: 'Needs reconnect' }).first()).toBeVisible();
  const asked: string[] = [];
  page.on('request', (request) => { if (request.url().includes('/jump?q=')) asked.push(request.url()); });
  const answered = page.waitForResponse((answer) => answer.url().endsWith('/jump?q=telegram'));
  // Without a pause, whatever else the machine has to do.
  await box(page).evaluate((input: HTMLInputElement) => {
    for (const letter of 'telegram') {
      input.value += letter;
      input.dispatchEvent(new InputEvent('input', { bubbles: true, data: letter }));
    }
  });
  await answered;
  await expect(options(page).filter({ hasText: 'Telegram' }).first()).toBeVisible();
  expect(asked).toEqual([expect.stringMatching(/q=telegram$/)]);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test('a finger opens it, chooses and closes it', async ({ page }) => {
    await signIn(page);
    await goLive(page, '/overview');
    const button = page.getByRole('link', { name: 'Jump to…' });
    const place = (await button.boundingBox())!;
    expect(Math.min(place.width, place.height)).toBeGreaterThanOrEqual(44);
    await button.tap();
    await page.getByRole('button', { name: 'Close' }).tap();
    await expect(page.getByRole('dialog', { name: 'Jump to' })).toBeHidden();
    await button.tap();
    await page.touchscreen.tap(195, 830);
    await expect(page.getByRole('dialog', { name: 'Jump to' })).toBeHidden();
    await expect(page, 'what lies behind was not pressed').toHaveURL(/\/overview$/);
    await button.tap();
    await box(page).fill('youtube');
    await options(page).filter({ hasText: 'YouTube' }).first().tap();
    await expect(page).toHaveURL(/\/connections\?account=/);
  });
});
