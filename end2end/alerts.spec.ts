// Settings > Notifications and Webhooks, a real mail server, and a receiver that verifies signatures with the library of
// standardwebhooks.com (SPEC ).
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createSocket, type AddressInfo } from 'node:net';
import MailDev from 'maildev';
import { Webhook } from 'standardwebhooks';
import { expectAccessible } from './accessible';
import { test, expect, OWNER } from './fixtures';
import { startApp } from './app';

type Mail = { subject: string; text: string; html: string; headers: Record<string, string>; to: { address: string }[] };

async function freePort(): Promise<number> {
  const socket = createSocket();
  await new Promise<void>((done) => socket.listen(0, '127.0.0.1', done));
  const { port } = socket.address() as AddressInfo;
  await new Promise((done) => socket.close(done));
  return port;
}

/** A mail server that keeps what it gets. */
async function mailServer(): Promise<{ port: number; mails: Mail[]; stop: () => Promise<void> }> {
  const port = await freePort();
  const server = new MailDev({ smtp: port, ip: '127.0.0.1', disableWeb: true, silent: true });
  const mails: Mail[] = [];
  server.on('new', (mail: Mail) => mails.push(mail));
  await new Promise<void>((done, failed) => server.listen((error?: Error) => (error ? failed(error) : done())));
  return { port, mails, stop: () => new Promise((done) => server.close(() => done())) };
}

test('a break is a mail, its button lands on the account, and one click ends the kind', async ({ page, problems }) => {
  test.slow();
  const mail = await mailServer();
  const app = await startApp({
    env: {
      PILOTLIGHT_MAIL__HOST: '127.0.0.1',
      PILOTLIGHT_MAIL__PORT: String(mail.port),
      PILOTLIGHT_MAIL__SECURITY: 'none',
      PILOTLIGHT_MAIL__FROM: 'Pilotlight <alerts@pilot.example>',
    },
  });
  try {
    await page.goto(`${app.url}/sign-in`);
    await page.getByLabel('E-mail').fill(OWNER.email);
    await page.getByLabel('Password').fill(OWNER.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(/connections|overview/);
    await page.goto(`${app.url}/settings/notifications`);
    await expect(page.getByText('Mails leave through')).toContainText('Pilotlight <alerts@pilot.example>');
    await page.getByRole('button', { name: 'Send a test mail' }).click();
    await expect.poll(() => mail.mails.filter((one) => one.subject === 'Mail from Pilotlight works').length).toBe(1);

    // The demo's accounts broke while it was seeded: that is told by itself.
    await expect.poll(() => mail.mails.filter((one) => /reconnect/i.test(one.subject)).length, { timeout: 100_000 }).toBeGreaterThan(0);
    const alert = mail.mails.find((one) => /^Please reconnect|expired\. Please reconnect/.test(one.subject))!;
    expect(alert.to[0]!.address).toBe(OWNER.email);
    const link = /https?:\/\/\S+\/connections\?account=\S+/.exec(alert.text)![0];
    await page.goto(link);
    await expect(page.locator('#panel-title')).toBeVisible();
    await expect(page.getByText(/^Told: .*by mail/)).toBeVisible();

    const unsubscribe = alert.headers['list-unsubscribe']!.replace(/[<>]/g, '');
    expect(alert.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
    await page.goto(unsubscribe);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'End these mails' }).click();
    await expect(page.getByRole('heading')).toHaveText('You get no such mail any more');
    await page.goto(`${app.url}/settings/notifications`);
    await expect(page.locator('#broken summary')).toContainText('Nobody is told');
  } finally {
    // A page that is open would ask a server that is gone.
    await page.goto('about:blank');
    await app.stop();
    await mail.stop();
  }
  expect(problems.unexpected()).toEqual([]);
});

/** Hears what is posted to it, and answers 204. */
async function receiver(): Promise<{ port: number; heard: { body: string; headers: IncomingHttpHeaders }[]; server: Server }> {
  const heard: { body: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      heard.push({ body, headers: request.headers });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { port: (server.address() as AddressInfo).port, heard, server };
}

test('a webhook is added, tested, and verified by the standard library', async ({ page }) => {
  const ear = await receiver();
  const app = await startApp({ env: { PILOTLIGHT_OUTBOUND__PRIVATE_HOSTS: `127.0.0.1:${ear.port}` } });
  try {
    await page.goto(`${app.url}/sign-in?next=/settings/webhooks`);
    await page.getByLabel('E-mail').fill(OWNER.email);
    await page.getByLabel('Password').fill(OWNER.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.goto(`${app.url}/settings/webhooks`);
    await page.getByLabel('Name').fill('Newsroom');
    await page.getByLabel('Address').fill(`http://127.0.0.1:${ear.port}/hook`);
    await page.getByRole('button', { name: 'Add webhook' }).click();
    await page.getByRole('link', { name: 'Show secret' }).click();
    const secret = (await page.getByText('Signing secret:').locator('code').innerText()).trim();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await expect.poll(() => ear.heard.length).toBe(1);
    const { body, headers } = ear.heard[0]!;
    const signed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    expect(new Webhook(secret).verify(body, signed)).toMatchObject({ type: 'webhook.test' });
    expect(() => new Webhook(secret).verify(`${body} `, signed)).toThrow();
    await page.goto(`${app.url}/settings/webhooks`);
    await expectAccessible(page);
  } finally {
    // A page that is open would ask a server that is gone.
    await page.goto('about:blank');
    await app.stop();
    ear.server.close();
  }
});
