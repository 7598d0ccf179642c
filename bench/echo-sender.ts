/**
 * `ECHO-SENDER MEANS RATE:SECONDS…`: echoes from provider 0 of a crowd to its first target, at one steady rate
 * after the other. Prints what they cost as JSON, an `EchoCost` for each. `MEANS`: `ping sockets` or `ping program`.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Deadlines } from '../src/probes/deadlines.ts';
import type { BoundEcho, Echo } from '../src/probes/echo/echo.ts';
import { createPingProgram } from '../src/probes/echo/ping-program.ts';
import { createSocketEcho } from '../src/probes/echo/socket-echo.ts';
import { crowdBinding, crowdTargets } from './crowd.ts';

/** What the echoes at one rate cost, starting the process and warming it up not counted. */
export interface EchoCost {
  readonly sent: number;
  readonly answered: number;
  readonly cpuUs: number; // of the process, its threads and its children
}

const ticksASecond = 100; // USER_HZ of proc(5), the same on all machines
const [means, ...rates] = process.argv.slice(2);
const echo: Echo = means === 'ping sockets' ? createSocketEcho() : createPingProgram('the bench selects it');
const bound = echo.bind(4, crowdBinding(0));
const [target] = crowdTargets;
const deadlines = new Deadlines(() => performance.now());
let answered = 0;

async function send(through: BoundEcho): Promise<void> {
  const result = await through.echo(target, { size: 56, timeoutMs: 1000, onLate: undefined });
  if (result.ok) answered += 1;
}

// As in a daemon that has run for a minute: hot code is compiled, and garbage from the start is collected. What the
// ping program costs is spent in its own processes.
await sendAtRate(means === 'ping sockets' ? 5000 : 10, 4);
if (means === 'ping sockets') await sleep(10_000);
const costs: EchoCost[] = [];
for (const each of rates) costs.push(await measure(each));
bound.release();
process.stdout.write(JSON.stringify(costs));

async function measure(spelled: string): Promise<EchoCost> {
  const [rate = 0, seconds = 0] = spelled.split(':').map(Number);
  await sendAtRate(rate, 2);
  answered = 0;
  const before = cpuUs();
  const sent = await sendAtRate(rate, seconds);
  return { sent, answered, cpuUs: cpuUs() - before };
}

/** Sends at equal intervals, as checks of many providers are. */
async function sendAtRate(perSecond: number, forSeconds: number): Promise<number> {
  const began = performance.now();
  const count = perSecond * forSeconds;
  await new Promise<void>((resolve) => {
    const wait = (n: number): void => {
      const dueAt = began + ((n + 1) / perSecond) * 1000;
      deadlines.add({ dueAt, over: false, expire: () => sendNext(n) });
    };
    const sendNext = (n: number): void => {
      void send(bound); // it resolves whatever happens
      if (n + 1 < count) wait(n + 1);
      else resolve();
    };
    wait(0);
  });
  await sleep(200);
  return count;
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const children = Number(fields[13]) + Number(fields[14]); // cutime, cstime
  return user + system + (children / ticksASecond) * 1e6;
}
