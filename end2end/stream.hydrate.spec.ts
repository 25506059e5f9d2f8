// A tab whose stream died without a word comes back by itself and hears what it missed; words about time go on (SPEC T-1, T-6).
import type { Page, Request } from '@playwright/test';
import { test, expect, signIn } from './fixtures';
import { card, connectMastodon, drawn, refreshNow } from './steps';

test.use({ fresh: true });

test('a stream that died without a word is noticed, and what was missed is told once', async ({ page, otherBrowser, sandbox }) => {
  await signIn(page);
  const name = await connectMastodon(page, 'toots.example', 'rider');
  const other = await (await otherBrowser()).newPage();
  await other.clock.install();
  await other.addInitScript(() => {
    const sources: EventSource[] = [];
    const Plain = window.EventSource;
    window.EventSource = class extends Plain {
      constructor(url: string | URL) {
        super(url);
        sources.push(this);
        this.addEventListener('beat', () => Object.assign(window, { beaten: true }));
      }
    };
    Object.assign(window, { sources });
  });
  await signIn(other);
  await other.waitForFunction(() => (window as unknown as { beaten?: boolean }).beaten);
  const watched = card(other, name).filter({ hasText: 'toots.example' });
  await expect(watched.getByText('Healthy', { exact: true })).toBeVisible();
  // Closed behind the page's back: nothing says so, as after a laptop slept.
  await other.evaluate(() => (window as unknown as { sources: EventSource[] }).sources.at(-1)!.close());

  await sandbox.control({ revoke_grant: { vendor: 'mastodon', person: 'rider@toots.example' } });
  await refreshNow(page);
  await expect(watched.getByText('Healthy', { exact: true })).toBeVisible();
  const opened = other.waitForRequest((request) => request.url().includes('/live?since='));
  await other.clock.fastForward('01:30');
  await opened;
  await expect(watched.getByText('Needs reconnect', { exact: true })).toBeVisible();
  await expect(other.getByRole('alert').getByText(`Please reconnect ${name}`)).toHaveCount(1);
});

test('words about time go on while the page stays open, whatever the clock of the browser says', async ({ page }) => {
  // An hour and a half behind.
  await page.clock.install({ time: Date.now() - 90 * 60_000 });
  const looks = watchLooks(page);
  await signIn(page);
  await connectMastodon(page, 'toots.example', 'rider');
  const connected = page.locator('.history li').filter({ hasText: 'Connected.' }).locator('time');
  await expect(connected).toHaveText(/just now|1 minute ago/);
  // The tab has read the server's time, and from here on nobody tells it anew: it goes by its own clock.
  await expect(connected).not.toHaveAttribute('data-now');
  await looks.end();
  await page.clock.fastForward('30:00');
  await expect(connected).toHaveText(/3[01] minutes ago/);
});

/** The tab's looks at its page: `end` waits for those under way, and leaves later ones without an answer. */
function watchLooks(page: Page): { end: () => Promise<void> } {
  const open = new Set<Request>();
  page.on('request', (request) => request.resourceType() === 'fetch' && open.add(request));
  page.on('requestfinished', (request) => open.delete(request));
  page.on('requestfailed', (request) => open.delete(request));
  return {
    end: async () => {
      await page.route('**/connections*', (route) => void open.delete(route.request()));
      await expect.poll(() => open.size, 'looks under way').toBe(0);
      await drawn(page);
    },
  };
}
