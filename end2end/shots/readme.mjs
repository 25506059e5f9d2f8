// The picture of the README, from a demo that runs: node shots/readme.mjs ADDRESS
import { mkdir, writeFile } from 'node:fs/promises';
import { chromium } from '@playwright/test';

const [address] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await (await browser.newContext({ baseURL: address, viewport: { width: 1440, height: 900 }, locale: 'en-GB', timezoneId: 'UTC' })).newPage();
await page.goto('/sign-in');
await page.getByLabel('E-mail').fill('owner@demo.example');
await page.getByLabel('Password').fill('pilotlight-demo');
await page.getByRole('button', { name: 'Sign in' }).click();
await page.locator('main').waitFor();
const stream = page.waitForResponse((answer) => answer.url().endsWith('/live'));
await page.goto('/connections');
await stream;
await page.waitForFunction(() => document.querySelector('li.card') && [...document.images].every((image) => image.complete || image.getBoundingClientRect().top > innerHeight));
await page.evaluate(() => Promise.all([document.fonts.ready, ...document.getAnimations().map((animation) => animation.finished.catch(() => undefined))]));
const shot = await (await page.context().newCDPSession(page)).send('Page.captureScreenshot', { format: 'webp', quality: 82 });
const folder = new URL('../pictures/', import.meta.url);
await mkdir(folder, { recursive: true });
await writeFile(new URL('connections.webp', folder), Buffer.from(shot.data, 'base64'));
await browser.close();
