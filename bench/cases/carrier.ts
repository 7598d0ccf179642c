import { setTimeout as sleep } from 'node:timers/promises';
import { families } from '../../models/path.ts';
import type { Figure } from '../figures.ts';
import { type BenchOptions, carrierOf, deviceOf, isWell, onStage, type Stage } from '../stage.ts';
import { trace } from '../trace.ts';

/** One loss of a carrier, ms. */
interface Run {
  readonly fromEvent: Readonly<Record<4 | 6, number>>; // from the kernel's event to the new route
  readonly fromLoss: number; // from the command that removed it to the later family's new route
  readonly outage: number; // of an IPv4 flow
}

/**
 * The device of the provider that carries the traffic loses its carrier. A fast reaction and failback only
 * shorten the wait until it may be removed again: no check is involved in leaving a provider without a
 * carrier.
 */
export function carrier({ runs }: BenchOptions) {
  return onStage({ reaction: 'fast', failbackDelay: 0 }, async (stage): Promise<Figure[]> => {
    const flow = await stage.lab.flow({ periodMs: 2 });
    const found: Run[] = [];
    for (let i = 0; i < runs; i++) {
      const run = await loseCarrier(stage);
      found.push({ ...run, outage: (await flow.settled(run.at - 10)).longestMs });
      await stage.lab.carrier(run.name, true);
    }
    await flow.stop();
    return [
      ...families.map(
        (family): Figure => ({
          what: `carrier loss: from the kernel's event to the new route, IPv${family}`,
          unit: 'ms',
          values: found.map(({ fromEvent }) => fromEvent[family]),
          target: 5,
        }),
      ),
      {
        what: 'carrier loss: from the command that removes it to the new routes of both families',
        unit: 'ms',
        values: found.map(({ fromLoss }) => fromLoss),
      },
      { what: 'carrier loss: outage of a flow', unit: 'ms', values: found.map(({ outage }) => outage) },
    ];
  });
}

async function loseCarrier(stage: Stage): Promise<Omit<Run, 'outage'> & { at: number; name: string }> {
  const { lab, fib } = stage;
  const ready = await stage.until(
    ({ paths, active }) => active[4][0] === 'fibre' && active[6][0] === 'fibre' && paths.every(isWell),
  );
  const name = carrierOf(ready, 4);
  const old = deviceOf(stage, name);
  await sleep(50 + Math.random() * 200);
  const at = await lab.carrier(name, false);
  const lost = await fib.next(
    at,
    (event) => event.type === 'carrier' && event.device === old && !event.present,
  );
  const [four, six] = await Promise.all(
    families.map((family) =>
      fib.next(at, (event) => event.type === 'default' && event.family === family && event.device !== old),
    ),
  );
  const [at4 = Number.NaN, at6 = Number.NaN] = [four?.at, six?.at];
  trace(
    `event after ${(lost.at - at).toFixed(2)} ms, routes after ${(at4 - at).toFixed(2)} and ${(at6 - at).toFixed(2)} ms`,
  );
  await sleep(30);
  return {
    at,
    name,
    fromEvent: { 4: at4 - lost.at, 6: at6 - lost.at },
    fromLoss: Math.max(at4, at6) - at,
  };
}
