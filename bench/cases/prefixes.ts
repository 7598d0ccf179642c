import type { Config } from '../../models/config.ts';
import type { KernelRoutes } from '../../models/route.ts';
import { desired } from '../../src/core/routes/desired.ts';
import { diff } from '../../src/core/routes/diff.ts';
import { familyOf, spell, spellCommand } from '../../src/core/routes/spell.ts';
import { step } from '../../src/core/step.ts';
import { run } from '../../src/kernel/exec.ts';
import { Reconciler } from '../../src/kernel/reconciler.ts';
import { exampleConfig, exampleState, start, warmUp } from '../../test/core/example.ts';
import type { Figure } from '../figures.ts';
import type { BenchOptions } from '../stage.ts';

const counts = [10, 100, 1000];
const most = 5; // runs: a switch is one transaction, which varies little

/**
 * One switch of managed prefixes in layout `table`, there and back, by the real reconciler in the kernel:
 * with nexthop groups, and without.
 */
export async function prefixes({ runs }: BenchOptions) {
  for (const n of [1, 2, 3]) await addDevice(n);
  const result: Figure[] = [];
  for (const multipath of ['resilient', 'classic'] as const) {
    const [name, found] = [multipath === 'resilient' ? 'nexthop groups' : 'routes of their own', []] as [
      string,
      Switch[],
    ]; // filled in below
    for (const count of counts) found.push(await measure(count, multipath, Math.min(runs, most)));
    result.push(
      ...found.flatMap(({ count, times, operations }): Figure[] => [
        {
          what: `switch of ${count} prefixes by ${name}: until all are in the kernel`,
          unit: 'ms',
          values: times,
        },
        {
          what: `switch of ${count} prefixes by ${name}: kernel operations`,
          unit: 'times',
          values: [operations],
        },
      ]),
    );
    const [few, many] = [found[0], found.at(-1)];
    if (multipath === 'resilient' && few !== undefined && many !== undefined) {
      const values = [many.operations / few.operations];
      result.push({
        what: 'kernel operations of a switch of 1000 prefixes, to those of 10',
        unit: '×',
        values,
        target: 1,
      });
    }
  }
  return { result, withoutDefaultMs: 0 };
}

interface Switch {
  readonly count: number;
  readonly times: readonly number[]; // ms
  readonly operations: number;
}

/** Creates the device, address and gateway of the core's examples. */
async function addDevice(n: number): Promise<void> {
  for (const words of [
    `link add eth${n} type veth peer name far${n}`,
    `address add 10.10.${n}.1/24 dev eth${n}`,
    `link set far${n} up`,
    `link set eth${n} up`,
  ]) {
    const { code, stderr } = await run('ip', words.split(' '));
    if (code !== 0) throw new Error(`ip ${words}: ${stderr.trim()}`);
  }
}

async function measure(count: number, multipath: Config['multipath'], runs: number): Promise<Switch> {
  const [first, second] = desiredOfBoth(count, multipath);
  const planner = { diff, spell, spellCommand, familyOf };
  const complaints: string[] = [];
  const report = (note: { kind: string; message: string }): void => {
    if (note.kind !== 'changed') complaints.push(note.message);
  };
  const reconciler = new Reconciler(planner, { families: [4], nexthops: true }, report);
  const times: number[] = [];
  try {
    await reconciler.apply(first);
    for (let i = 0; i < runs; i += 1) {
      for (const desired of [second, first]) {
        const began = performance.now();
        await reconciler.apply(desired);
        times.push(performance.now() - began);
        reconciler.wake(); // as the kernel's event about the change does in the daemon
        await reconciler.apply(desired);
      }
    }
    await reconciler.apply({ routes: [], rules: [] });
  } finally {
    reconciler.close();
  }
  if (complaints.length > 0) throw new Error(`The kernel refused it: ${complaints.join('; ')}`);
  return { count, times, operations: diff(second, first).length };
}

/** What is desired while the first provider carries the traffic, and while the second does. */
function desiredOfBoth(count: number, multipath: Config['multipath']): [KernelRoutes, KernelRoutes] {
  const routes = [
    'default',
    ...Array.from({ length: count - 1 }, (_, i) => `100.${64 + (i >> 8)}.${i & 255}.0/24`),
  ];
  const state = warmUp(exampleState(exampleConfig({ layout: 'table', routes, multipath })));
  const first = desired(state);
  step(state, { type: 'sticky', at: start + 6500, sticky: { id: 'lte', until: undefined } });
  const second = desired(state);
  if (first === undefined || second === undefined) throw new Error('The example has no devices');
  return [first, second];
}
