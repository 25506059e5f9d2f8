// The base of every browser test: a running demo, a page that may log no error, and the few steps all tests share.
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';
import { startApp, type App, type StartOptions } from './app';
import { Problems } from './problems';
import { Sandbox } from './sandbox';

export const OWNER = { email: 'owner@demo.example', password: 'pilotlight-demo' };

type Options = {
  /** A test that changes what others see takes an app of its own: `test.use({ fresh: true })`. */
  fresh: boolean;
  /** How a fresh app is started. */
  start: StartOptions;
};

type Fixtures = {
  app: App;
  sandbox: Sandbox;
  problems: Problems;
  /** A second browser (own cookies) on the same app, watched like the first. */
  otherBrowser: () => Promise<BrowserContext>;
};

/** One app for all tests of a worker that do not ask for their own; started when the first of them comes. */
type WorkerFixtures = { shared: () => Promise<App> };

export const test = base.extend<Options & Fixtures, WorkerFixtures>({
  fresh: [false, { option: true }],
  start: [{}, { option: true }],

  shared: [async ({}, use) => {
    let app: Promise<App> | undefined;
    await use(() => (app ??= startApp()));
    await (await app)?.stop();
  }, { scope: 'worker' }],

  app: async ({ fresh, start, shared }, use, info) => {
    const app = fresh ? await startApp(start) : await shared();
    await use(app);
    if (info.status !== info.expectedStatus) await info.attach('app.log', { body: await app.log(), contentType: 'text/plain' });
    if (fresh) await app.stop();
  },

  baseURL: async ({ app }, use) => use(app.url),

  sandbox: async ({ app }, use) => use(new Sandbox(app.sandboxUrl)),

  problems: async ({}, use) => {
    const problems = new Problems();
    await use(problems);
    expect(problems.unexpected(), 'errors logged by the pages').toEqual([]);
  },

  context: async ({ context, problems }, use) => {
    problems.watch(context);
    await prepare(context);
    await use(context);
  },

  otherBrowser: async ({ browser, baseURL, javaScriptEnabled, problems }, use) => {
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext({ baseURL, javaScriptEnabled });
      problems.watch(context);
      await prepare(context);
      opened.push(context);
      return context;
    });
    for (const context of opened) await context.close();
  },
});

export { expect };

/** What every browser gets before its first page. */
export async function prepare(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const Plain = window.EventSource;
    window.EventSource = class extends Plain {
      constructor(url: string | URL) {
        super(url);
        this.addEventListener('open', () => Object.assign(window, { lives: true }), { once: true });
      }
    };
  });
  await delayScript(context);
}

/** Waits until the script has taken over the page that is open: it listens to the live stream. */
export async function lives(page: Page): Promise<void> {
  await page.waitForFunction(() => (window as unknown as { lives?: boolean }).lives);
}

/** Opens a page and waits until it lives. */
export async function goLive(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await lives(page);
}

/**
 * With `LATE_SCRIPT=2000` the WebAssembly comes two seconds late on every page, as on a busy machine: a test that takes what the
 * server wrote for a page that lives fails then, and not once in a hundred runs.
 */
async function delayScript(context: BrowserContext): Promise<void> {
  const late = Number(process.env.LATE_SCRIPT ?? 0);
  if (late === 0) return;
  await context.route('**/*.wasm*', async (route) => {
    await new Promise((over) => setTimeout(over, late));
    // The page may be gone by now.
    await route.continue().catch(() => {});
  });
}

export async function signIn(page: Page, who = OWNER): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/connections(\?|$)/);
  await page.waitForLoadState();
}

/** The same, until the page lives. */
export async function signInAndListen(page: Page): Promise<void> {
  await signIn(page);
  await lives(page);
}
