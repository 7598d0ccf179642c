import { setTimeout as sleep } from 'node:timers/promises';
import { type Family, families } from '../../models/path.ts';
import type { Flow } from '../../src/lab/flow.ts';
import type { Figure } from '../figures.ts';
import { type BenchOptions, carrierOf, deviceOf, isWell, onStage, type Stage } from '../stage.ts';
import { trace } from '../trace.ts';

const usualMs = 3000;

/** The settings' own figures, in ms. */
export interface Pace {
  readonly intervalMs: number;
  readonly minOutageMs: number;
  readonly targetMs: number; // of the median outage
  readonly basisDelayMs?: number; // until a death can be noticed. @default half an interval
  readonly means?: 'ping sockets' | 'raw sockets'; // @default 'ping sockets'
  readonly idle?: true; // the line carries nothing; timed is the route
}

/**
 * The provider that carries the traffic fails silently upstream. `failback: 'never'` allows cutting the next
 * one instead of waiting until the first may carry again; it plays no part in leaving a dead one.
 */
export function silent(name: string, settings: Readonly<Record<string, unknown>>, pace: Pace) {
  const bench = async (stage: Stage, runs: number): Promise<Figure[]> => {
    const figures: Figure[] = [];
    for (const family of families) {
      figures.push({
        what: pace.idle
          ? `from the silent death of an idle provider to the new route, ${name}, IPv${family}`
          : `outage of a flow whose provider dies silently upstream, ${name}, IPv${family}`,
        unit: 'ms',
        values: await measure(stage, family, { ...pace, runs }),
        target: pace.targetMs,
        basisMs: pace.minOutageMs + (pace.basisDelayMs ?? pace.intervalMs / 2),
      });
    }
    return figures;
  };
  // The daemon's debug lines show when a check was made.
  return ({ runs }: BenchOptions) =>
    onStage({ ...settings, failback: 'never' }, (stage) => bench(stage, runs), {
      args: ['--verbose'],
      means: pace.means ?? 'ping sockets',
    });
}

async function measure(
  stage: Stage,
  family: Family,
  { intervalMs, runs, idle }: Pace & { runs: number },
): Promise<number[]> {
  const values: number[] = [];
  const periodMs = intervalMs < 100 ? 2 : 10;
  const flow = idle ? undefined : await stage.lab.flow({ family, periodMs });
  for (let i = 0; i < runs; i++) {
    // A random phase in each of `runs` equal parts of an interval: so chance hardly affects the median.
    const phaseMs = ((i + Math.random()) / runs) * intervalMs;
    values.push(await cutOnce(stage, { family, flow, phaseMs }));
  }
  await flow?.stop();
  return values;
}

async function cutOnce(
  stage: Stage,
  { family, flow, phaseMs }: { family: Family; flow: Flow | undefined; phaseMs: number },
): Promise<number> {
  const { lab, daemon, fib } = stage;
  const ready = await stage.until(({ paths }) =>
    ([4, 6] as const).every((each) => {
      const well = paths.filter((path) => path.family === each && isWell(path));
      return well.length > 1 && well.some(({ role }) => role === 'active');
    }),
  );
  const name = carrierOf(ready, family);
  await sleep(usualMs); // by then it is known what is usual on the line that carries the flow now
  await nextCheck(stage, `${name}/${family}`);
  await sleep(phaseMs);
  const before = daemon.lines.length;
  const at = await lab.cut(name);
  const old = deviceOf(stage, name);
  const moved = await fib.next(
    at,
    (event) => event.type === 'default' && event.family === family && event.device !== old,
  );
  await sleep(30);
  const { longestMs } = (await flow?.settled(at - 20)) ?? { longestMs: moved.at - at };
  trace(
    `phase ${phaseMs.toFixed(0)}: outage ${longestMs.toFixed(1)}, route ${(moved.at - at).toFixed(1)} ms after the cut`,
  );
  for (const line of daemon.lines.slice(before))
    if (line.includes(`${name}/${family}`) || line.includes(`IPv${family}`)) trace(line);
  await stage.until(({ active }) => ![...active[4], ...active[6]].includes(name));
  await lab.heal(name);
  return longestMs;
}

/** Resolves when a check of a path has just passed. */
async function nextCheck({ lab, daemon }: Stage, path: string): Promise<void> {
  let seen = daemon.lines.length;
  const hasCome = (): boolean => {
    const fresh = daemon.lines.slice(seen);
    seen += fresh.length;
    return fresh.some((line) => line.includes(`check of ${path} passed`));
  };
  await lab.waitFor(hasCome, { everyMs: 1, what: `a check of ${path}` });
}
