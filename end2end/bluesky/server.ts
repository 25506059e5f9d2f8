// Starts the real Bluesky server and does, over XRPC, what its user does elsewhere than in our app.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const START_DEADLINE_MS = 60_000;

export type Account = { handle: string; did: string; email: string; password: string };

export class BlueskyServer {
  private constructor(readonly url: string, private child: ChildProcess, private folder: string) {}

  static async start(): Promise<BlueskyServer> {
    const folder = await mkdtemp(path.join(process.env.TEST_RUN_DIR ?? tmpdir(), 'pilotlight-pds-'));
    const child = spawn(process.env.BLUESKY_NODE ?? 'node', [path.join(import.meta.dirname, 'pds.mjs'), folder], {
      cwd: import.meta.dirname,
      env: { ...process.env, LOG_ENABLED: '0' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      return new BlueskyServer(await address(child), child, folder);
    } catch (error) {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
      this.child.kill('SIGTERM');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  async createAccount(handle: string): Promise<Account> {
    const account = { handle, email: `${handle.replace('.', '@')}.example`, password: `password of ${handle}` };
    const { did } = await this.#call<{ did: string }>('com.atproto.server.createAccount', account);
    return { ...account, did };
  }

  /** The app password, shown once. */
  async createAppPassword(account: Account, name: string): Promise<string> {
    const { password } = await this.#call<{ password: string }>('com.atproto.server.createAppPassword', { name }, await this.#token(account));
    return password;
  }

  async revokeAppPassword(account: Account, name: string): Promise<void> {
    await this.#call('com.atproto.server.revokeAppPassword', { name }, await this.#token(account));
  }

  async #token({ handle, password }: Account): Promise<string> {
    return (await this.#call<{ accessJwt: string }>('com.atproto.server.createSession', { identifier: handle, password })).accessJwt;
  }

  async #call<Answer>(method: string, body: object, token?: string): Promise<Answer> {
    const answer = await fetch(`${this.url}/xrpc/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method}: ${answer.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as Answer;
  }
}

/** The address in the first line the server prints. */
function address(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The Bluesky server was not ready after ${START_DEADLINE_MS / 1000} s.`)), START_DEADLINE_MS);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The Bluesky server ended with code ${code}.`)));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (!line.startsWith('{"url"')) return;
      clearTimeout(timer);
      resolve(JSON.parse(line).url);
    });
  });
}
