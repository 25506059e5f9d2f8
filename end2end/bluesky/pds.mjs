// A real Bluesky server (PDS) with its directory of identities (PLC) in memory, both on loopback.
// Usage: node pds.mjs DATA_FOLDER. Prints one line of JSON, {"url": ...}, when it answers; takes lines of JSON on its standard
// input (see `tell`); ends with SIGTERM or when that is closed, which also happens when whoever started it dies.
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
bindToLoopback();

const data = path.resolve(process.argv[2]);
const blobs = path.join(data, 'blobs');
fs.mkdirSync(blobs, { recursive: true });
const [plcPort, pdsPort] = [await freePort(), await freePort()];

const { Database, PlcServer } = require('@did-plc/server');
const plc = PlcServer.create({ db: Database.mock(), port: plcPort });
await plc.start();

const { PDS } = require('@atproto/pds');
const pds = await PDS.fromEnv({
  devMode: true,
  port: pdsPort,
  dataDirectory: data,
  blobstoreDiskLocation: blobs,
  didPlcUrl: `http://127.0.0.1:${plcPort}`,
  adminPassword: secret(),
  jwtSecret: secret(),
  dpopSecret: secret(),
  plcRotationKeyK256PrivateKeyHex: privateKey(),
  serviceHandleDomains: ['.test'],
  inviteRequired: false,
  disableSsrfProtection: true,
  // Services of the wider network, none of which may be reached from a test.
  bskyAppViewUrl: 'https://appview.invalid',
  bskyAppViewDid: 'did:example:invalid',
  bskyAppViewCdnUrlPattern: 'http://cdn.invalid/%s/%s/%s',
  modServiceUrl: 'https://mod.invalid',
  modServiceDid: 'did:example:invalid',
  serviceName: 'Test server',
});
await pds.start();
console.log(JSON.stringify({ url: `http://localhost:${pdsPort}` }));

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, stop);
createInterface({ input: process.stdin }).on('line', (line) => tell(JSON.parse(line))).once('close', stop);

// What the owner of an account, or of the server, does elsewhere than in our app. Answered with a line.
async function tell({ endSessionsOf, tokenMaxAge }) {
  const { tokenManager } = pds.ctx.oauthProvider;
  if (tokenMaxAge) tokenManager.tokenMaxAge = tokenMaxAge;
  if (endSessionsOf) {
    for (const { id } of await tokenManager.listAccountTokens(endSessionsOf)) await tokenManager.deleteToken(id);
  }
  console.log('{}');
}

async function stop() {
  setTimeout(() => process.exit(1), 5_000).unref();
  await pds.destroy();
  await plc.destroy();
  process.exit(0);
}

// Neither server takes an address to listen on, and by themselves they would take all of them.
function bindToLoopback() {
  const listen = net.Server.prototype.listen;
  net.Server.prototype.listen = function (...args) {
    const port = Number(args[0]);
    if (!Number.isInteger(port)) return listen.apply(this, args);
    return listen.call(this, { port, host: '127.0.0.1' }, args.find((arg) => typeof arg === 'function'));
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function secret() {
  return crypto.randomBytes(32).toString('hex');
}

/** A key of the curve secp256k1. */
function privateKey() {
  const ecdh = crypto.createECDH('secp256k1');
  ecdh.generateKeys();
  return ecdh.getPrivateKey('hex').padStart(64, '0');
}
