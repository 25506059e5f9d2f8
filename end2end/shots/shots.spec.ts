// `make screenshots`: every page and state of the demo as a picture, for people to look at. Nothing here compares pixels.
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { startApp, type StartOptions } from '../app';
import { take, type Shot } from './camera';

const at = (address: string) => (page: Page) => page.goto(address);

/** A card's panel; `reach` picks the card. */
const panel = (reach: string, then?: (page: Page) => Promise<unknown>) => async (page: Page) => {
  await page.goto('/connections');
  const href = await page.locator(reach).first().locator('a[id^=view-]').getAttribute('href');
  await page.goto(href!);
  await page.locator('#panel').waitFor();
  await then?.(page);
};

const AMBER = 'li.card[data-health=needs-reconnect]';
const GREEN = 'li.card[data-health=healthy]';
const question = (words: string) => (page: Page) => page.locator('#panel').getByRole('link', { name: words, exact: true }).click();

/** One webhook, made by the first picture and shown by the others, with a test that nobody takes. */
const webhook = async (page: Page) => {
  await page.goto('/settings/webhooks');
  if (await page.getByRole('heading', { name: 'Newsroom' }).isVisible()) return;
  await page.getByLabel('Name').fill('Newsroom');
  await page.getByLabel('Address').fill('https://hooks.example.org/pilotlight');
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await page.getByRole('button', { name: 'Send a test' }).click();
};

const DEMO: Shot[] = [
  { name: 'sign-in', open: at('/sign-in'), signedOut: true },
  { name: 'overview', open: at('/overview') },
  { name: 'launchpad', open: at('/launchpad') },
  { name: 'connections', open: at('/connections') },
  { name: 'connections-search', open: at('/connections?q=harbour') },
  { name: 'connections-platform', open: at('/connections?platform=facebook') },
  { name: 'connections-nothing-found', open: at('/connections?q=zzzz') },
  { name: 'panel-amber', open: panel(AMBER), full: false },
  { name: 'panel-green', open: panel(GREEN), full: false },
  { name: 'panel-disconnect', open: panel(GREEN, question('Disconnect')), full: false },
  { name: 'panel-remove', open: panel(GREEN, question('Remove')), full: false },
  { name: 'connect', open: at('/connect') },
  { name: 'connect-dialog', open: (page) => page.goto('/connections').then(() => page.getByRole('link', { name: 'Connect account' }).first().click()), full: false },
  { name: 'connect-mastodon', open: at('/connect/mastodon') },
  { name: 'connect-bluesky', open: at('/connect/bluesky') },
  { name: 'connect-telegram', open: at('/connect/telegram') },
  { name: 'connect-choose', open: (page) => page.goto('/connections').then(() => page.locator('a[href*="/connect/choose"]').first().click()) },
  { name: 'connect-problem', open: at('/connect/problem?code=attempt-expired&platform=x') },
  { name: 'activity', open: at('/activity') },
  { name: 'activity-nothing-found', open: at('/activity?account=nobody') },
  { name: 'settings-platforms', open: at('/settings/platforms') },
  { name: 'settings-notifications', open: at('/settings/notifications') },
  { name: 'settings-webhooks', open: at('/settings/webhooks') },
  { name: 'settings-webhook', open: webhook },
  { name: 'settings-calendar', open: at('/settings/calendar') },
  { name: 'support', open: panel(AMBER, (page) => page.locator('#panel').getByRole('link', { name: /Fix with AI Support/ }).click()) },
  { name: 'compose', open: at('/compose') },
  { name: 'not-found', open: at('/no-such-page') },
];

const only = (name: string, open: Shot['open'], more: Partial<Shot> = {}): Shot[] => [{ name, open, ...more }];

const STATES: [start: StartOptions, shots: Shot[]][] = [
  [{ command: 'serve' }, only('set-up', async (page, app) => page.goto((await app.log()).match(/http:\/\/\S+\/set-up\?token=\S+/)![0]), { signedOut: true })],
  [{}, DEMO],
  [{ args: ['--accounts', '0'] }, [...only('empty-connections', at('/connections')), ...only('empty-overview', at('/overview')), ...only('empty-launchpad', at('/launchpad'))]],
  [{ args: ['--accounts', '1'] }, only('one-connections', at('/connections'))],
  [{ args: ['--accounts', '1000'] }, [...only('thousand-connections', at('/connections')), ...only('thousand-overview', at('/overview'))]],
];

for (const [start, shots] of STATES) {
  test(`${shots.map((shot) => shot.name).join(', ')}`, async ({ browser }) => {
    test.setTimeout(400_000);
    const app = await startApp(start);
    try {
      expect.soft(await take(browser, app, shots)).toEqual([]);
    } finally {
      await app.stop();
    }
  });
}

test.afterAll('one page of all pictures', async () => {
  const folder = path.resolve(import.meta.dirname, '..', 'screenshots');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.png')).sort();
  const figures = names.map((name) => `<figure><a href="${name}"><img src="${name}" loading="lazy"></a><figcaption>${name}</figcaption></figure>`);
  const style = 'body{font:14px sans-serif;display:flex;flex-wrap:wrap;gap:16px;align-items:start}img{max-width:420px;max-height:600px;border:1px solid #888}figure{margin:0}';
  await writeFile(path.join(folder, 'index.html'), `<!doctype html><meta charset="utf-8"><style>${style}</style>${figures.join('\n')}\n`);
});
