// What every page owes to everybody, measured on the page as it stands (SPEC H-8, DESIGN 6).
import AxeBuilder from '@axe-core/playwright';
import { test, expect, type Page } from '@playwright/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The size of what is to be hit. What lies half under a bar or a message is small for axe, until the page is scrolled. */
const TARGET_SIZE = 'target-size';

/** No violation of WCAG 2.2 AA or of good practice that axe can see, in the whole page or in a part of it. */
export async function expectAccessible(page: Page, within = 'html'): Promise<void> {
  // axe is a script of its own: it needs the page to run scripts. The markup is the same without.
  if (!runsScripts()) return;
  const { violations } = await axe(page).include(within).withTags(RULES).analyze();
  const found: string[] = [];
  for (const { id, help, nodes } of violations) {
    for (const target of nodes.map((node) => node.target.join(' '))) {
      if (id !== TARGET_SIZE || (await isSmallInFullSight(page, target))) found.push(`${id}: ${help} (${target})`);
    }
  }
  expect(found, 'violations found by axe').toEqual([]);
}

/** Nothing is wider than the screen. Without script there is nobody to measure it; the markup is the same. */
export async function fitsTheScreen(page: Page): Promise<void> {
  if (!runsScripts()) return;
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over, 'nothing is wider than the screen').toBeLessThanOrEqual(0);
}

/** Asked again in the middle of the screen, where no bar is, and put back. */
async function isSmallInFullSight(page: Page, target: string): Promise<boolean> {
  const before = await page.evaluate(() => window.scrollY);
  await page.locator(target).evaluate((element) => element.scrollIntoView({ block: 'center', behavior: 'instant' }));
  const { violations } = await axe(page).include(target).withRules([TARGET_SIZE]).analyze();
  await page.evaluate((top) => window.scrollTo({ top, behavior: 'instant' }), before);
  return violations.length > 0;
}

/** Our pages have no frames and nobody reads what passed: without both axe takes a quarter of the time. */
function axe(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
}

function runsScripts(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}
