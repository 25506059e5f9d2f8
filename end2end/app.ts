// Starts the built app as its users do: the program, a data folder, two ports.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 10_000;

export type StartOptions = {
  /** `demo` brings its sandbox and a seeded workspace; `serve` starts empty. */
  command?: 'demo' | 'serve';
  /** More words behind the command, such as `--accounts 1000`. */
  args?: string[];
  /** Kept by the caller when given; a new folder, removed at the end, when not. */
  data?: string;
  env?: Record<string, string>;
};

export type App = {
  url: string;
  sandboxUrl: string;
  data: string;
  /** Everything the program has printed so far. */
  log(): Promise<string>;
  stop(): Promise<void>;
};

export async function startApp({ command = 'demo', args = [], data, env = {} }: StartOptions = {}): Promise<App> {
  const folder = await mkdtemp(path.join(process.env.TEST_RUN_DIR ?? tmpdir(), 'pilotlight-app-'));
  const dataDir = data ?? path.join(folder, 'data');
  const logFile = path.join(folder, 'log');
  const [port, sandboxPort] = await freePorts(2);

  const out = openSync(logFile, 'a');
  const url = `http://localhost:${port}`;
  const child = spawn(program(), [command, ...args], {
    cwd: root,
    stdio: ['ignore', out, out],
    env: {
      ...process.env,
      LEPTOS_SITE_ROOT: 'target/site',
      PILOTLIGHT_DATA: dataDir,
      PILOTLIGHT_PORT: String(port),
      PILOTLIGHT_PUBLIC_URL: url,
      PILOTLIGHT_SANDBOX_PORT: String(sandboxPort),
      ...env,
    },
  });
  closeSync(out);
  const leftover = await notePid(child);

  const log = () => readFile(logFile, 'utf8');
  const stop = async () => {
    await stopChild(child);
    await rm(folder, { recursive: true, force: true });
    if (leftover) await rm(leftover, { force: true });
  };
  try {
    await untilReady(child, `${url}/readyz`);
  } catch (error) {
    const printed = await log();
    await stop();
    throw new Error(`${error instanceof Error ? error.message : error}\n--- printed by the app ---\n${printed}`);
  }
  return { url, sandboxUrl: `http://127.0.0.1:${sandboxPort}`, data: dataDir, log, stop };
}

function program(): string {
  return process.env.TEST_APP ?? path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, 'target'), 'debug', 'pilotlight');
}

/** Where the run keeps a list of processes, each one is noted there, so that a killed run can still end them. */
async function notePid(child: ChildProcess): Promise<string | undefined> {
  const dir = process.env.TEST_RUN_DIR;
  if (!dir || !child.pid) return undefined;
  const file = path.join(dir, `${child.pid}.pid`);
  await writeFile(file, '');
  return file;
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => { failure = error; });
  const deadline = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadline) {
    if (failure) throw failure;
    if (child.exitCode !== null) throw new Error(`The app ended with code ${child.exitCode} before it was ready.`);
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      if (answer.status === 200) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`The app was not ready after ${START_DEADLINE_MS / 1000} s.`);
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await ended;
  clearTimeout(timer);
}

/** Ports nobody listens on. All are held until the last one is found, so no two are the same. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  })));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
