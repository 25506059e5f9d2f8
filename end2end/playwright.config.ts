import { existsSync } from 'node:fs';
import { defineConfig, devices } from '@playwright/test';

// Debian's Chromium where it is installed, Playwright's own otherwise.
const chromium = process.env.CHROMIUM || (existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : undefined);

const desktop = {
  ...devices['Desktop Chrome'],
  launchOptions: {
    executablePath: chromium,
    // No sandbox: CI runs as root. The rest keeps the browser from calling anybody but the app.
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  },
};

const hydrated = '**/*.hydrate.spec.ts';
const bluesky = '**/bluesky/**';
const shots = '**/shots/**';

export default defineConfig({
  testDir: '.',
  fullyParallel: false,
  workers: 2,
  retries: 0,
  forbidOnly: !!process.env.CI,
  // Patience for a machine that has others to serve: what must be quick is measured where it matters.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  outputDir: 'test-results',
  reporter: [['list'], ['json', { outputFile: process.env.PLAYWRIGHT_JSON ?? 'test-results/results.json' }]],
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure', locale: 'en-GB', timezoneId: 'UTC' },
  projects: [
    { name: 'with-js', testIgnore: [bluesky, shots], use: desktop },
    { name: 'without-js', testIgnore: [bluesky, shots, hydrated], use: { ...desktop, javaScriptEnabled: false } },
    { name: 'shots', testMatch: '**/shots/*.spec.ts', use: desktop },
    { name: 'bluesky', testMatch: '**/bluesky/*.spec.ts', use: desktop },
  ],
});
