// Lighthouse's mobile preset on pages of a running demo, signed in where they need it. Prints what was promised and what was found, and ends
// with 1 where a promise is not kept: node run.mjs ADDRESS PATH...
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as chromeLauncher from 'chrome-launcher';
import lighthouse from 'lighthouse';

const OWNER = { email: 'owner@demo.example', password: 'pilotlight-demo' };
const WANTED = { performance: 95, accessibility: 100, 'best-practices': 100 };
/** Pages for people who are not signed in. */
const OPEN = ['/sign-in'];
const RUNS = Number(process.env.RUNS ?? 3);

const [address, ...paths] = process.argv.slice(2);
const cookie = await signIn(address);
const profile = await mkdtemp(path.join(tmpdir(), 'pilotlight-lighthouse-'));
const chrome = await chromeLauncher.launch({
  chromePath: process.env.CHROME_PATH ?? process.env.CHROMIUM ?? '/usr/bin/chromium',
  userDataDir: profile,
  chromeFlags: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-component-update', '--disable-sync'],
});
let kept = true;
try {
  for (const page of paths) kept = await judge(page) && kept;
} finally {
  chrome.kill();
  await rm(profile, { recursive: true, force: true });
}
process.exit(kept ? 0 : 1);

/** The run whose performance is the middle one: a busy machine spoils single ones. */
async function judge(page) {
  const results = [];
  for (let run = 0; run < RUNS; run += 1) {
    const answer = await lighthouse(address + page, {
      port: chrome.port, output: 'json', logLevel: 'error', onlyCategories: Object.keys(WANTED),
      extraHeaders: OPEN.includes(page) ? {} : { Cookie: cookie },
    });
    results.push(answer.lhr);
  }
  results.sort((a, b) => a.categories.performance.score - b.categories.performance.score);
  const lhr = results[Math.floor(results.length / 2)];
  const score = (name) => Math.round(lhr.categories[name].score * 100);
  const shift = lhr.audits['cumulative-layout-shift'].numericValue;
  console.log(`${page}: ${Object.keys(WANTED).map((name) => `${name} ${score(name)}`).join(', ')}, CLS ${shift.toFixed(5)}`);
  for (const name of ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'speed-index', 'total-byte-weight']) {
    console.log(`  ${lhr.audits[name].title}: ${lhr.audits[name].displayValue}`);
  }
  for (const [name, category] of Object.entries(lhr.categories)) {
    if (name === 'performance') continue;
    for (const { id } of category.auditRefs.filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)) {
      const places = (lhr.audits[id].details?.items ?? []).slice(0, 5).map((item) => item.node?.snippet ?? item.description ?? item.source ?? '');
      console.log(`  ${name}: ${lhr.audits[id].title} ${places.join(' | ')}`);
    }
  }
  if (process.env.REPORT) await writeFile(process.env.REPORT, JSON.stringify(lhr));
  for (const { score, node } of lhr.audits['layout-shifts'].details?.items ?? []) console.log(`  moved: ${score} ${node?.snippet}`);
  return shift === 0 && Object.entries(WANTED).every(([name, least]) => score(name) >= least);
}

async function signIn(address) {
  const answer = await fetch(`${address}/auth/sign-in`, {
    method: 'POST', redirect: 'manual', headers: { origin: address }, body: new URLSearchParams(OWNER),
  });
  const cookies = answer.headers.getSetCookie().map((each) => each.split(';')[0]);
  if (!cookies.length) throw new Error(`The demo at ${address} did not let the owner in: ${answer.status}`);
  return cookies.join('; ');
}
