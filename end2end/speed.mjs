// How long the server takes for the Connections page with fifty accounts and with a thousand, and how many it gives a second
// over eight connections: node speed.mjs ADDRESS_OF_50 ADDRESS_OF_1000. Ends with 1 where a thousand take over three times as long.
import http from 'node:http';

const OWNER = { email: 'owner@demo.example', password: 'pilotlight-demo' };
const ROUNDS = 60;
const SECONDS = 4;
const LIMIT = 3;

const agent = new http.Agent({ keepAlive: true });

/** Asks for a page; answers the milliseconds until its first byte. */
function ask(address, path, options = {}, body = '') {
  return new Promise((done, failed) => {
    const began = performance.now();
    const request = http.request(new URL(path, address), { agent, ...options }, (answer) => {
      let firstByte;
      answer.on('data', () => (firstByte ??= performance.now() - began));
      answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, firstByte }));
    });
    request.on('error', failed);
    request.end(body);
  });
}

async function signIn(address) {
  const body = new URLSearchParams(OWNER).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body), origin: address };
  const answer = await ask(address, '/auth/sign-in', { method: 'POST', headers }, body);
  return answer.headers['set-cookie'].map((cookie) => cookie.split(';')[0]).join('; ');
}

async function measure(address) {
  const headers = { cookie: await signIn(address), accept: 'text/html', 'accept-encoding': 'br' };
  const page = async () => {
    const answer = await ask(address, '/connections', { headers });
    if (answer.status !== 200) throw new Error(`/connections answered ${answer.status}`);
    return answer.firstByte;
  };
  for (let warm = 0; warm < 10; warm += 1) await page();
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await page());
  times.sort((a, b) => a - b);
  let given = 0;
  const end = performance.now() + SECONDS * 1_000;
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (performance.now() < end) {
      await page();
      given += 1;
    }
  }));
  return { median: times[ROUNDS / 2], rate: given / SECONDS };
}

const [fifty, thousand] = [await measure(process.argv[2]), await measure(process.argv[3])];
const ratio = thousand.median / fifty.median;
console.log(`first byte of /connections: ${fifty.median.toFixed(1)} ms with 50 accounts, ${thousand.median.toFixed(1)} ms with 1,000: ${ratio.toFixed(2)} times (promise: ${LIMIT})`);
console.log(`pages a second: ${fifty.rate.toFixed(0)} with 50 accounts, ${thousand.rate.toFixed(0)} with 1,000 (client on the same machine, packed with brotli)`);
process.exitCode = ratio <= LIMIT ? 0 : 1;
agent.destroy();
