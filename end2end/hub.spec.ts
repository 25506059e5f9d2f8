// Overview, launchpad and the way between the pages, with and without JavaScript (SPEC 9).
import { expectAccessible, fitsTheScreen } from './accessible';
import { test, expect, signIn } from './fixtures';

const PHONE = { width: 390, height: 844 };

test('the root leads to the overview once accounts are connected', async ({ page }) => {
  await signIn(page);
  await page.goto('/');
  await expect(page).toHaveURL(/\/overview$/);
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
});

for (const [path, heading] of [['/overview', 'Overview'], ['/launchpad', 'Launchpad']] as const) {
  test(`${path} is accessible in light and dark and fits every screen`, async ({ page }) => {
    await signIn(page);
    await page.goto(path);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1440, 768, 390]) {
        await page.setViewportSize({ width, height: 900 });
        await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
        await fitsTheScreen(page);
        if (width !== 768) await expectAccessible(page);
      }
    }
  });
}

test('figures lead to the accounts behind them', async ({ page }) => {
  await signIn(page);
  await page.goto('/overview');
  const main = page.getByRole('main');
  for (const [name, query] of [[/^\d+ Needs? reconnect/, 'status=attention'], [/^\d+ Expiring in 30 days/, 'status=expiring']] as const) {
    await expect(main.getByRole('link', { name })).toHaveAttribute('href', `/connections?${query}`);
  }
  // No filter takes the healthy ones alone.
  await expect(main.getByRole('link', { name: /^\d+ Healthy/ })).toHaveAttribute('href', '/connections');
  await main.getByRole('link', { name: /^\d+ Accounts/ }).click();
  await expect(page).toHaveURL(/\/connections$/);
});

test('incidents, ends and accounts lead to the account', async ({ page }) => {
  await signIn(page);
  for (const region of ['Incidents', 'What ends soon', 'Accounts']) {
    await page.goto('/overview');
    const link = page.getByRole('region', { name: region, exact: true }).getByRole('listitem').getByRole('link').first();
    const name = (await link.locator('bdi').innerText()).trim();
    await link.click();
    await expect(page).toHaveURL(/\/connections\?account=/);
    await expect(page.locator('#panel-title')).toHaveText(name);
  }
  await page.goto('/overview');
  await expect(page.getByRole('region', { name: 'Incidents' }).getByText('Open').first()).toBeVisible();
  await expect(page.getByRole('region', { name: 'Incidents' }).getByText('The password was changed')).toBeVisible();
});

test('the launchpad shows how far it is, and where each open step is done', async ({ page }) => {
  await signIn(page);
  await page.goto('/launchpad');
  const steps = page.getByRole('main').locator('.steps').getByRole('listitem');
  await expect(steps).toHaveCount(6);
  const done = await steps.filter({ hasText: '(done)' }).count();
  await expect(page.getByRole('progressbar', { name: `${done} of 6 done` })).toBeVisible();
  for (const step of await steps.all()) {
    const open = (await step.innerText()).includes('(open)');
    await expect(step.getByRole('link')).toHaveCount(open ? 1 : 0);
  }
  await steps.filter({ hasText: 'See every account healthy' }).getByRole('link').click();
  await expect(page).toHaveURL(/\/connections\?status=attention$/);
});

test('the navigation says where one is and what needs a hand', async ({ page }) => {
  await signIn(page);
  const nav = page.getByRole('navigation', { name: 'Main' });
  for (const name of ['Launchpad', 'Overview', 'Activity', 'Settings', /^Connections ?, \d+ needs? a reconnect$/]) {
    await nav.getByRole('link', { name }).click();
    await expect(nav.locator('[aria-current=page]')).toHaveCount(1);
    await expect(nav.getByRole('link', { name })).toHaveAttribute('aria-current', 'page');
  }
});

test('on a phone the places are tabs within reach of the thumb', async ({ page }) => {
  await page.setViewportSize(PHONE);
  await signIn(page);
  await page.goto('/overview');
  const nav = page.getByRole('navigation', { name: 'Main' });
  const tabs = nav.getByRole('link');
  await expect(tabs).toHaveCount(5);
  for (const tab of await tabs.all()) {
    const box = (await tab.boundingBox())!;
    expect(Math.min(box.width, box.height), 'big enough for a thumb').toBeGreaterThanOrEqual(44);
    expect(box.y + box.height, 'at the bottom').toBeGreaterThan(PHONE.height - 60);
  }
  await tabs.filter({ hasText: 'Connections' }).click();
  await expect(page).toHaveURL(/\/connections$/);
  await expect(page.getByRole('button', { name: /^Profile menu of/ })).toBeInViewport();
  // The last thing on a page can be scrolled above the tabs.
  await page.goto('/overview');
  const last = page.locator('.roster li').last();
  await last.scrollIntoViewIfNeeded();
  await page.keyboard.press('End');
  const bar = (await nav.boundingBox())!;
  await expect.poll(async () => { const box = (await last.boundingBox())!; return box.y + box.height; }).toBeLessThanOrEqual(bar.y);
});

test('the first Tab skips to the content', async ({ page }) => {
  await signIn(page);
  await page.goto('/overview');
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#main$/);
  await expect(page.locator('main')).toBeFocused();
});

test('without script the search is a link to the list', async ({ page, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled !== false, 'with script it opens a dialog: palette.hydrate.spec.ts');
  await signIn(page);
  await page.goto('/overview');
  await page.getByRole('link', { name: 'Jump to…' }).click();
  await expect(page).toHaveURL(/\/connections#search$/);
  await expect(page.getByRole('searchbox', { name: 'Search accounts' })).toBeFocused();
});

test.describe('a new installation', () => {
  test.use({ fresh: true, start: { command: 'serve' } });

  test('is led to the launchpad', async ({ page, app }) => {
    await page.goto((await app.log()).match(/http:\/\/\S+\/set-up\?token=\S+/)![0]);
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('E-mail').fill('ada@agency.example');
    await page.getByLabel('Password').fill('correct horse battery staple');
    await page.getByLabel('Workspace name').fill('Agency');
    await page.getByRole('button', { name: 'Create workspace' }).click();
    await expect(page).toHaveURL(/\/(connections|launchpad)$/);
    await page.goto('/');
    await expect(page).toHaveURL(/\/launchpad$/);
    await expect(page.getByText('1 of 6')).toBeVisible();
    await page.getByRole('link', { name: 'Connect account' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Connect account' })).toBeVisible();
    await page.goto('/overview');
    await expect(page.getByRole('heading', { name: 'Nothing is connected yet' })).toBeVisible();
    await expectAccessible(page);
  });
});
