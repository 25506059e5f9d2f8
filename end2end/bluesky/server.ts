// Starts the real Bluesky server and does, over XRPC, what its user does elsewhere than in our app.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';

const START_DEADLINE_MS = 60_000;

export type Account = { handle: string; did: string; email: string; password: string };

export class BlueskyServer {
  readonly #lines: Interface;

  private constructor(readonly url: string, private child: ChildProcess, private folder: string, lines: Interface) {
    this.#lines = lines;
  }

  static async start(): Promise<BlueskyServer> {
    const folder = await mkdtemp(path.join(process.env.TEST_RUN_DIR ?? tmpdir(), 'pilotlight-pds-'));
    const child = spawn(process.env.BLUESKY_NODE ?? 'node', [path.join(import.meta.dirname, 'pds.mjs'), folder], {
      cwd: import.meta.dirname,
      env: { ...process.env, LOG_ENABLED: '0' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      const lines = createInterface({ input: child.stdout! });
      return new BlueskyServer(await address(child, lines), child, folder, lines);
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

  /** The account's owner ends all sessions that were opened by OAuth, as they would in their server's account pages. */
  async endSessions(account: Account): Promise<void> {
    await this.#tell({ endSessionsOf: account.did });
  }

  /** From now on access tokens that are given by OAuth live this long. */
  async shortenTokens(milliseconds: number): Promise<void> {
    await this.#tell({ tokenMaxAge: milliseconds });
  }

  /** Over the standard input: there is no call for it. */
  async #tell(what: object): Promise<void> {
    const done = new Promise<void>((resolve) => this.#lines.once('line', () => resolve()));
    this.child.stdin!.write(`${JSON.stringify(what)}\n`);
    await done;
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
function address(child: ChildProcess, lines: Interface): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The Bluesky server was not ready after ${START_DEADLINE_MS / 1000} s.`)), START_DEADLINE_MS);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The Bluesky server ended with code ${code}.`)));
    lines.on('line', (line) => {
      if (!line.startsWith('{"url"')) return;
      clearTimeout(timer);
      resolve(JSON.parse(line).url);
    });
  });
}
