import type { CheckEvent, TargetResult } from '../../models/event.ts';
import { nextCheck } from '../../src/core/schedule/next-check.ts';
import { step } from '../../src/core/step.ts';
import {
  exampleConfig,
  exampleProvider,
  exampleState,
  failed,
  passed,
  start,
} from '../../test/core/example.ts';
import { chanceFrom } from '../../test/core/simulate.ts';
import type { Figure } from '../figures.ts';
import type { BenchOptions } from '../stage.ts';

const counts = [3, 100, 1000];
const perRun = 200_000;
const most = 5; // runs: nothing depends on a random phase
const targetPerSecond = 500_000;

/** Conditions on the lines: the share of checks in which no target answers. */
const conditions: Readonly<Record<string, number>> = {
  'all is well': 0,
  '1 check in 100 fails': 0.01,
};

/**
 * The core alone: results judged and the next check of their path planned, without network, timers or kernel.
 * Each result is that of one check: a target that answered, or three that did not.
 */
export async function core({ runs }: BenchOptions) {
  const result: Figure[] = [];
  for (const [weather, failRatio] of Object.entries(conditions)) {
    for (const count of counts) {
      const values = Array.from({ length: Math.min(runs, most) }, () => judgedASecond(count, failRatio));
      const what = `core alone: results judged by ${count} providers, ${weather}`;
      result.push({ what, unit: 'a second', values, target: targetPerSecond, atLeast: true });
    }
  }
  return { result, withoutDefaultMs: 0 };
}

/** Results a second of CPU, the engine warm. */
function judgedASecond(count: number, failRatio: number): number {
  const providers = Array.from({ length: count }, (_, index) => exampleProvider(index));
  const state = exampleState(exampleConfig({ providers }));
  const events = checks(count, failRatio);
  const judge = (event: CheckEvent): void => {
    step(state, event);
    const path = state.paths.get(event.path);
    if (path !== undefined) nextCheck(state, path);
  };
  const warm = perRun / 4;
  for (const event of events.slice(0, warm)) judge(event);
  const rest = events.slice(warm);
  const began = process.cpuUsage();
  for (const event of rest) judge(event);
  const { user, system } = process.cpuUsage(began);
  return (rest.length / (user + system)) * 1e6;
}

/** A check of each path a second, one after the other. */
function checks(count: number, failRatio: number): CheckEvent[] {
  const chance = chanceFrom(5);
  const names = exampleConfig().testScenarios.map(({ name }) => name);
  return Array.from({ length: perRun }, (_, i) => {
    const startedAt = start + Math.floor(i / count) * 1000 + ((i % count) * 1000) / count;
    const isAnswered = chance() >= failRatio;
    const result = isAnswered ? passed(20 + 5 * chance()) : failed();
    const probed = isAnswered ? [names[i % names.length] ?? ''] : names;
    const targets = probed.map((target): TargetResult => ({ target, result }));
    const path = `${exampleProvider(i % count).id}/4` as const;
    return { type: 'check', at: startedAt + 25, startedAt, path, result, targets };
  });
}
