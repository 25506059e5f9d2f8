// A browser test against a real Bluesky server: the base fixtures, an app of its own that may speak to that server, an account there.
import { test as base } from '../fixtures';
import { BlueskyServer, type Account } from './server';

type WorkerFixtures = { bluesky: BlueskyServer };
type Fixtures = { account: Account };

export { expect, signIn } from '../fixtures';

export const test = base.extend<Fixtures, WorkerFixtures>({
  bluesky: [async ({}, use) => {
    const server = await BlueskyServer.start();
    await use(server);
    await server.stop();
  }, { scope: 'worker', timeout: 90_000 }],

  account: async ({ bluesky }, use, info) => {
    await use(await bluesky.createAccount(`t${info.workerIndex}-${Date.now().toString(36)}.test`));
  },

  fresh: true,

  // Not the demo: that one sends every call to its sandbox.
  start: async ({ bluesky }, use) => use({
    command: 'serve',
    env: { PILOTLIGHT_OUTBOUND__PRIVATE_HOSTS: new URL(bluesky.url).host },
  }),
});
