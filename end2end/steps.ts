// Steps that several tests share, in a person's words.
import { expect, type Locator, type Page } from '@playwright/test';
import type { Sandbox } from './sandbox';

/** The card of an account. */
export function card(page: Page, name: string): Locator {
  return page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 2, name, exact: true }) });
}

/** From the Connections page to the platform's line in the list of what can be connected (a dialog or a page). */
export async function choosePlatform(page: Page, platform: RegExp): Promise<void> {
  await page.getByRole('link', { name: 'Connect account' }).first().click();
  await page.getByRole('link', { name: platform }).first().click();
}

/** Says yes on the sandbox's consent page. */
export async function allow(page: Page, person?: string): Promise<void> {
  await expect(page.getByText(/stand-in/i).first()).toBeVisible();
  if (person) await page.locator(`input[type=radio][value="${person}"]`).check();
  await page.getByRole('button', { name: 'Allow' }).click();
}

/** Connects a Mastodon account of the sandbox; answers its name as the card shows it. */
export async function connectMastodon(page: Page, host: string, person: string): Promise<string> {
  await choosePlatform(page, /Mastodon/);
  await page.getByLabel('Server').fill(host);
  await page.getByRole('button', { name: 'Continue to the server' }).click();
  await allow(page, person);
  await expect(page).toHaveURL(/\/connections\?account=.*done=connected/);
  const title = page.locator('#panel-title');
  await expect(title).toBeVisible();
  return (await title.innerText()).trim();
}

/** Accounts on two servers, so that each needs a sign-in of its own: the server, and who is there. */
export const MASTODONS = { 'toots.example': 'rider', 'pub.example': 'baker' };

/** Connects both, and has each found amber. */
export async function breakMastodons(page: Page, sandbox: Sandbox): Promise<void> {
  for (const [host, person] of Object.entries(MASTODONS)) {
    await page.goto('/connections');
    await connectMastodon(page, host, person);
    await sandbox.control({ revoke_grant: { vendor: 'mastodon', person: `${person}@${host}` } });
    await page.getByRole('button', { name: 'Refresh now' }).click();
    await expect(page.getByRole('complementary').getByText('Needs reconnect', { exact: true }).first()).toBeVisible();
  }
}

/** Says yes at both, in whichever order they are asked. */
export async function allowMastodons(page: Page): Promise<void> {
  for (const _ of Object.keys(MASTODONS)) {
    await page.waitForURL(/oauth\/authorize/);
    const [, person] = Object.entries(MASTODONS).find(([host]) => page.url().includes(host))!;
    await allow(page, person);
  }
}

/**
 * Waits until nothing moves: colours that are on their way from light to dark are nobody's. Not for ever: what is not drawn,
 * because it is out of sight or nobody asks for a frame, stands still on its way.
 */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const soon = (what: Promise<unknown>) => Promise.race([what, new Promise((over) => setTimeout(over, 2_000))]);
    const frame = () => soon(new Promise((drawn) => requestAnimationFrame(drawn)));
    await frame();
    await soon(Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
    await frame();
  });
}

/** Lets the server look at the account whose panel is open, and waits for what it says. */
export async function refreshNow(page: Page): Promise<void> {
  const checked = page.waitForResponse((answer) => answer.url().endsWith('/api/check'));
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await checked;
}
