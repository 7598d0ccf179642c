import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckEvent } from '../../models/event.ts';
import { step } from '../../src/core/step.ts';
import { exampleConfig, exampleProvider, exampleState, failed, passed, start } from './example.ts';
import { chanceFrom } from './simulate.ts';

const targets = ['a', 'b', 'c'];

/** Milliseconds of CPU that so many checks over so many providers take; every tenth fails, targets do at random. */
function costMs(providerCount: number, eventCount: number): number {
  const providers = Array.from({ length: providerCount }, (_, index) => exampleProvider(index));
  const state = exampleState(exampleConfig({ providers }));
  const chance = chanceFrom(5);
  const events = Array.from({ length: eventCount }, (_, i): CheckEvent => {
    const startedAt = start + Math.floor(i / providerCount) * 1000;
    const result = chance() < 0.9 ? passed(20 * chance()) : failed();
    return {
      type: 'check',
      at: startedAt + 20,
      startedAt,
      path: `${exampleProvider(i % providerCount).id}/4`,
      result,
      targets: targets.map((target) => ({ target, result: chance() < 0.9 ? passed() : failed() })),
      packets: [{ target: targets[i % 3] ?? '', answered: chance() < 0.9 }],
    };
  });
  const began = process.cpuUsage();
  for (const event of events) step(state, event);
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

test('step() takes 200,000 checks over 1,000 providers in less than 10 s', (t) => {
  const took = costMs(1000, 200_000);
  t.diagnostic(`${((took / 200_000) * 1000).toFixed(1)} µs each`);
  assert.ok(took < 10_000, `${took} ms`);
});
