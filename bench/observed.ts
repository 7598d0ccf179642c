/**
 * `OBSERVED run …`: the daemon, plus measurements that only its own process can make. For each line on stdin
 * it prints one of JSON on stdout: see `Observation`. Each restarts the counting; after `delay` the event
 * loop's delay is measured too, and with `heap` garbage is collected first.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';

/** The process's measurements of itself since the last request. */
export interface Observation {
  readonly cpuMs: number; // of all its threads
  readonly heapMb: number; // in use
  readonly delayMs: number; // of the event loop, 99th percentile
}

const sampleMs = 10; // between samples of the event loop; any time beyond that is delay
const delay = monitorEventLoopDelay({ resolution: sampleMs });
let cpu = process.cpuUsage();

function observe(): Observation {
  const { user, system } = process.cpuUsage(cpu);
  const delayMs = Math.max(0, delay.percentile(99) / 1e6 - sampleMs);
  delay.reset();
  cpu = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, heapMb: process.memoryUsage().heapUsed / 2 ** 20, delayMs };
}

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'delay')
    delay.enable(); // it costs some CPU itself
  else delay.disable();
  if (line === 'heap') globalThis.gc?.();
  process.stdout.write(`${JSON.stringify(observe())}\n`);
});
process.stdin.unref();
await import('../src/cli.ts');
