import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCrowd } from '../crowd.ts';
import { startCrowdDaemon } from '../crowd-daemon.ts';
import type { Figure } from '../figures.ts';
import { trace } from '../trace.ts';

const count = 300;
const settleMs = 10_000;
const watchMs = 20_000;
const intervalMs = 1000;
const spread = 1.1; // of starts, at most
const tolerableMs = 200; // the lab and the daemon share the cores

/** One of 300 providers is dead, and probed all the time: how late do the others' checks start? */
export async function deadOne() {
  const crowd = await createCrowd(count);
  try {
    const record = join(crowd.folder, 'events.jsonl');
    const daemon = await startCrowdDaemon(crowd, {}, { args: ['--record', record] });
    await sleep(settleMs);
    const from = Date.now();
    await sleep(watchMs);
    await crowd.setDead(0, true);
    const dead = Date.now();
    await sleep(watchMs);
    const until = Date.now();
    await daemon.stop();
    const starts = readStarts(record);
    const name = `${count} providers, a check each a second: start of a check after the latest instant it may`;
    const result: Figure[] = [
      { what: `${name}, all alive`, unit: 'ms', values: lateness(starts, from, dead) },
      {
        what: `${name}, for the others while one is dead`,
        unit: 'ms',
        values: lateness(starts, dead, until),
        target: tolerableMs,
        judged: 'worst',
      },
    ];
    trace(JSON.stringify(result.map(({ values }) => values.length)));
    return { result, withoutDefaultMs: 0 };
  } finally {
    await crowd.close();
  }
}

/** When each check started, by path, in the order of the recording. */
function readStarts(record: string): Map<string, number[]> {
  const starts = new Map<string, number[]>();
  for (const line of readFileSync(record, 'utf8').split('\n')) {
    if (!line.includes('"type":"check"')) continue;
    const { path, startedAt } = JSON.parse(line) as { path: string; startedAt: number }; // our own recording
    starts.set(path, [...(starts.get(path) ?? []), startedAt]);
  }
  return starts;
}

/**
 * The lateness of every check between two instants, except those of the provider that dies. ms, at least 0.
 */
function lateness(starts: ReadonlyMap<string, readonly number[]>, from: number, until: number): number[] {
  return [...starts].flatMap(([path, times]) =>
    path === 'p0/4'
      ? []
      : times.flatMap((at, i) => {
          const before = times[i - 1];
          if (before === undefined || before < from || at > until) return [];
          return [Math.max(0, at - before - intervalMs * spread)];
        }),
  );
}
