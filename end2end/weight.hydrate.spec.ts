// What the first view of fifty accounts weighs, as a browser with an empty cache loads it and brotli (11) packs it.
import { brotliCompressSync, constants } from 'node:zlib';
import { test, expect, signIn } from './fixtures';

test.use({ fresh: true, start: { args: ['--accounts', '50'] } });

/** In bytes; ARCHITECTURE.md tells what they are. It weighed 81,678 when this was written; names and ids make some tens of difference. */
const BUDGET = 82_500;

function packed(body: Buffer): number {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants;
  return brotliCompressSync(body, {
    params: { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_LGWIN]: 22, [BROTLI_PARAM_SIZE_HINT]: body.length },
  }).length;
}

test('the first view of fifty accounts is light', async ({ page }) => {
  await signIn(page);
  const state = await page.context().storageState();
  const cold = await page.context().browser()!.newContext({ baseURL: new URL(page.url()).origin, storageState: state });
  const weights = new Map<string, number>();
  const reading: Promise<void>[] = [];
  const view = await cold.newPage();
  view.on('response', (answer) => {
    const { pathname } = new URL(answer.url());
    // The stream never ends, and pictures are the accounts' own.
    if (pathname === '/live' || pathname.startsWith('/pictures/') || weights.has(pathname)) return;
    weights.set(pathname, 0);
    reading.push(answer.body().then((body) => { weights.set(pathname, packed(body)); }));
  });
  const stream = view.waitForResponse((answer) => answer.url().endsWith('/live'));
  await view.goto('/connections', { waitUntil: 'load' });
  await stream;
  await expect(view.locator('li.card').first()).toBeVisible();
  await Promise.all(reading);
  await cold.close();

  const lines = [...weights].map(([name, bytes]) => `${String(bytes).padStart(8)}  ${name}`);
  const total = [...weights.values()].reduce((sum, one) => sum + one, 0);
  console.log([...lines, `${String(total).padStart(8)}  in all, of ${BUDGET}`].join('\n'));
  for (const name of ['/connections', '/pkg/pilotlight.wasm', '/pkg/pilotlight.js', '/pkg/pilotlight.css', '/icons.svg']) {
    expect(weights.get(name), name).toBeGreaterThan(0);
  }
  expect(total).toBeLessThanOrEqual(BUDGET);
});
