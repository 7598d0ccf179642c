/**
 * `SIMPLE-MODEL pings|get DEVICE ADDRESS TARGET ROUTE-HOME ROUTE-AWAY`: a simple monitor of one provider, to
 * compare with. It runs `ip route replace ROUTE` at its start and whenever its verdict changes.
 *
 *   pings   an echo a second, 1 s for the answer; away after three failures in a row, home when one passes
 *   get     a GET every 3 s, 1 s for the answer; away when one fails, home when one passes
 */
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../src/kernel/exec.ts';
import { createSocketEcho } from '../src/probes/echo/socket-echo.ts';

const [model = '', device = '', address = '', target = '', home = '', away = ''] = process.argv.slice(2);
const timeoutMs = 1000;
const { everyMs, needed } = model === 'pings' ? { everyMs: 1000, needed: 3 } : { everyMs: 3000, needed: 1 };
const binding = { interfaceName: device, interfaceIndex: 0, address, network: undefined, gateway: undefined };
const bound = createSocketEcho().bind(4, binding);

async function ping(): Promise<boolean> {
  return (await bound.echo(target, { size: 56, timeoutMs, onLate: undefined })).ok;
}

function fetchPage(): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const request = get(
      { host: target, port: 80, localAddress: address, agent: false, signal },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode === 204));
      },
    );
    request.on('error', () => resolve(false));
  });
}

async function use(route: string): Promise<void> {
  const { code, stderr } = await run('ip', ['route', 'replace', ...route.split(' ')]);
  if (code !== 0) throw new Error(`The model could not set its route: ${stderr.trim()}`);
}

let failed = 0;
await use(home);
for (let due = performance.now(); ; due += everyMs) {
  await sleep(Math.max(0, due - performance.now()));
  void (model === 'pings' ? ping() : fetchPage()).then(async (passed) => {
    const before = failed >= needed;
    failed = passed ? 0 : failed + 1;
    if (before !== failed >= needed) await use(before ? home : away);
    process.stdout.write(`${passed ? 'passed' : 'failed'}\n`);
  });
}
