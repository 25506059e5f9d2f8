// Who goes through a page by keys sees where they are, whatever stays in sight above and below (SPEC H-8, WCAG 2.4.11).
import { test, expect, goLive, signIn } from './fixtures';
import { connectMastodon } from './steps';

test.use({ fresh: true });

for (const [width, height] of [[1280, 720], [390, 700]] as const) {
  test(`what has the focus is never under a bar, ${width} px wide`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await signIn(page);
    // The news of it stay in sight above the cards.
    await connectMastodon(page, 'toots.example', 'rider');
    await goLive(page, page.url());
    await expect(page.locator('.board > .notice')).toBeVisible();

    const covered: string[] = [];
    const actions = page.locator('li.card .card-actions a');
    for (const [key, from] of [['Tab', 0], ['Shift+Tab', 60]] as const) {
      await actions.nth(from).focus();
      for (let presses = 0; presses < 40; presses += 1) {
        await page.keyboard.press(key);
        const hidden = await page.evaluate(() => {
          // A frame later the page has gone to where the focus is.
          return new Promise<string | null>((answer) => requestAnimationFrame(() => requestAnimationFrame(() => {
            const focused = document.activeElement!;
            const { left, top, width, height } = focused.getBoundingClientRect();
            const above = document.elementFromPoint(left + width / 2, top + height / 2);
            const seen = above !== null && (focused.contains(above) || above.contains(focused));
            answer(seen ? null : `${focused.id || focused.tagName} at ${Math.round(top)}, under ${above?.className ?? 'nothing'}`);
          })));
        });
        if (hidden) covered.push(`${key}: ${hidden}`);
      }
    }
    expect(covered).toEqual([]);
  });
}
