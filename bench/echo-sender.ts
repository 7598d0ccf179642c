/**
 * `ECHO-SENDER MEANS RATE SECONDS`: echoes from provider 0 of a crowd to its first target, at a steady rate.
 * Prints what they cost as JSON: see `EchoCost`. `MEANS`: `icmp socket` or `ping program`.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Deadlines } from '../src/probes/deadlines.ts';
import type { BoundEcho, Echo } from '../src/probes/echo/echo.ts';
import { createPingProgram } from '../src/probes/echo/ping-program.ts';
import { createSocketEcho } from '../src/probes/echo/socket-echo.ts';
import { crowdBinding, crowdTargets } from './crowd.ts';

/** What the echoes of one process cost, starting it and warming it up not counted. */
export interface EchoCost {
  readonly sent: number;
  readonly answered: number;
  readonly cpuUs: number; // of the process, its threads and its children
}

const ticksASecond = 100; // USER_HZ of proc(5), the same on all machines
const [means, rate, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const echo: Echo = means === 'ping sockets' ? createSocketEcho() : createPingProgram('the bench selects it');
const bound = echo.bind(4, crowdBinding(0));
const [target] = crowdTargets;
const deadlines = new Deadlines(() => performance.now());
let answered = 0;

async function send(through: BoundEcho): Promise<void> {
  const result = await through.echo(target, { size: 56, timeoutMs: 1000, onLate: undefined });
  if (result.ok) answered += 1;
}

// As in a daemon that has run for a minute: hot code is compiled, and garbage from the start is collected.
await sendAtRate(means === 'ping sockets' ? 5000 : 10, 4);
await sleep(10_000);
await sendAtRate(rate, 2);
answered = 0;
const before = cpuUs();
const sent = await sendAtRate(rate, seconds);
const after = cpuUs();
bound.release();
process.stdout.write(JSON.stringify({ sent, answered, cpuUs: after - before } satisfies EchoCost));

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
