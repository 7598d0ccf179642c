import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckEvent } from '../../models/event.ts';
import { nextCheck } from '../../src/core/schedule/next-check.ts';
import { step } from '../../src/core/step.ts';
import { exampleConfig, exampleProvider, exampleState, failed, passed, start } from './example.ts';
import { chanceFrom } from './simulate.ts';

const targets = ['a', 'b', 'c'];
const providerCount = 1000;
const eventCount = 200_000;
const startCount = 20_000;

/** Microseconds of CPU that a check over a thousand providers takes, and its plan, if this share fails. */
function costUs(failRatio: number): number {
  const providers = Array.from({ length: providerCount }, (_, index) => exampleProvider(index));
  const state = exampleState(exampleConfig({ providers, loss: { down: 0.2, up: 0.05 } }));
  const chance = chanceFrom(5);
  const events = Array.from({ length: eventCount }, (_, i): CheckEvent => {
    const startedAt = start + Math.floor(i / providerCount) * 1000;
    const result = chance() >= failRatio ? passed(20 * chance()) : failed();
    const first = targets[i % 3] ?? '';
    return {
      type: 'check',
      at: startedAt + 20,
      startedAt,
      path: `${exampleProvider(i % providerCount).id}/4`,
      result,
      targets: (result.ok ? [first] : targets).map((target) => ({
        target,
        result: chance() >= failRatio ? passed() : failed(),
      })),
      packets: [{ target: first, answered: chance() >= failRatio }],
      bytes: 98,
    };
  });
  const judge = (event: CheckEvent): void => {
    step(state, event);
    const path = state.paths.get(event.path);
    if (path !== undefined) nextCheck(state, path);
  };
  events.slice(0, startCount).forEach(judge); // of a thousand that become reliable each may change the choice
  const began = process.cpuUsage();
  events.slice(startCount).forEach(judge);
  const { user, system } = process.cpuUsage(began);
  return (user + system) / (eventCount - startCount);
}

// Several times what they take, as others use the processor too.
for (const [failRatio, mostUs] of [
  [0, 15],
  [0.01, 25],
  [0.1, 80],
] as const)
  test(`step() takes less than ${mostUs} µs for each check of 1,000 providers, ${100 * failRatio} % of them failed`, (t) => {
    const took = costUs(failRatio);
    t.diagnostic(`${took.toFixed(1)} µs each`);
    assert.ok(took < mostUs, `${took} µs`);
  });
