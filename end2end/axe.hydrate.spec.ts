// Every page and every state of one as axe sees it, light and dark, as the server sent it and after the script took over
// (SPEC H-8, DESIGN 6). What a person meets without script is the markup of the first of the two.
import type { Page } from '@playwright/test';
import { expectAccessible } from './accessible';
import { test, expect, goLive, signIn } from './fixtures';
import { drawn } from './steps';

type Place = { name: string; open: (page: Page) => Promise<unknown>; signedOut?: boolean; scriptOnly?: boolean; within?: string };

const at = (address: string) => (page: Page) => page.goto(address);

/** The panel of the first such card, and perhaps what one of its links leads to. */
const panel = (state: string, link?: string | RegExp) => async (page: Page) => {
  await page.goto('/connections');
  await page.goto((await page.locator(`li.card[data-health=${state}] a[id^=view-]`).first().getAttribute('href'))!);
  await expect(page.locator('#panel')).toBeVisible();
  if (link) await page.locator('#panel').getByRole('link', { name: link, exact: true }).click();
};

// What lies behind a question is dimmed, and out of reach once the question is modal.
const QUESTION = 'dialog[open]';

const PLACES: Place[] = [
  { name: 'sign-in', open: at('/sign-in'), signedOut: true },
  { name: 'overview', open: at('/overview') },
  { name: 'launchpad', open: at('/launchpad') },
  { name: 'connections', open: at('/connections') },
  { name: 'connections, nothing found', open: at('/connections?q=zzzz') },
  { name: 'connections, one platform', open: at('/connections?platform=facebook&status=expiring') },
  { name: 'panel, green', open: panel('healthy') },
  { name: 'panel, amber', open: panel('needs-reconnect') },
  { name: 'panel, disconnect', open: panel('healthy', 'Disconnect'), within: QUESTION },
  { name: 'panel, remove', open: panel('healthy', 'Remove'), within: QUESTION },
  { name: 'connect', open: at('/connect') },
  { name: 'connect dialog', scriptOnly: true, open: async (page) => {
    await goLive(page, '/connections');
    await page.getByRole('link', { name: 'Connect account' }).first().click();
    await expect(page.getByRole('dialog')).toBeVisible();
  } },
  { name: 'connect mastodon', open: at('/connect/mastodon') },
  { name: 'connect bluesky', open: at('/connect/bluesky') },
  { name: 'connect telegram', open: at('/connect/telegram') },
  { name: 'choose', open: async (page) => {
    await page.goto('/connections');
    await page.goto((await page.locator('a[href*="/connect/choose"]').first().getAttribute('href'))!);
  } },
  { name: 'problem', open: at('/connect/problem?code=attempt-expired&platform=x') },
  { name: 'activity', open: at('/activity') },
  { name: 'activity, nothing found', open: at('/activity?kind=webhooks') },
  { name: 'settings, calendar', open: at('/settings/calendar') },
  { name: 'settings, notifications', open: async (page) => {
    await at('/settings/notifications')(page);
    await page.locator('details.alert-kind summary').nth(1).click();
  } },
  { name: 'settings, webhooks', open: at('/settings/webhooks') },
  { name: 'settings, platforms', open: at('/settings/platforms') },
  { name: 'support', open: panel('needs-reconnect', /Fix with AI Support/) },
  { name: 'compose', open: at('/compose') },
  { name: 'jump', open: at('/jump?q=a') },
  { name: 'end a kind of mail, unknown', open: at('/mail/unsubscribe/unknown') },
  { name: 'a deletion, unknown', open: at('/signals/deletions/unknown') },
  { name: 'not found', open: at('/no-such-page') },
];

for (const script of [false, true]) {
  test(`no page has a violation, ${script ? 'hydrated' : 'as sent'}`, async ({ page, otherBrowser, problems }) => {
    // One sign-in for all of them: the hash of a password takes its time.
    test.setTimeout(600_000);
    problems.allow(/status of 404/);
    await signIn(page);
    const stranger = await (await otherBrowser()).newPage();
    if (!script) {
      problems.allow(/\.wasm|Failed to fetch/);
      for (const each of [page, stranger]) await each.route('**/*.wasm*', (route) => route.abort());
    }
    for (const { name, open, signedOut, scriptOnly, within } of PLACES) {
      if (scriptOnly && !script) continue;
      await test.step(name, async () => {
        const here = signedOut ? stranger : page;
        await here.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
        await open(here);
        for (const colorScheme of ['light', 'dark'] as const) {
          await here.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await drawn(here);
          if (within) await expect(here.locator(within)).toBeVisible();
          await expectAccessible(here, within);
        }
      });
    }
  });
}
