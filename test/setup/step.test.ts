import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pending, perform, type Step } from '../../src/setup/step.ts';

/** A step that notes what happens to it. */
function step(what: string, log: string[], rest: Partial<Step> = {}): Step {
  return {
    what,
    isDone: () => false,
    act: () => void log.push(`do ${what}`),
    undo: () => void log.push(`undo ${what}`),
    ...rest,
  };
}

const fail = (): never => {
  throw new Error('no room');
};

test('perform() does what is left to do, in order, and returns it', async () => {
  const log: string[] = [];
  const steps = [step('a', log), step('b', log, { isDone: () => true }), step('c', log)];
  assert.deepEqual(await perform(steps, (what) => log.push(`say ${what}`)), ['a', 'c']);
  assert.deepEqual(log, ['say a', 'do a', 'say c', 'do c']);
});

test('perform() undoes the failed step and those before it, the last first', async () => {
  const log: string[] = [];
  const steps = [step('a', log), step('b', log), step('c', log, { act: fail }), step('d', log)];
  await assert.rejects(
    perform(steps, () => undefined),
    { name: 'Error', message: 'could not c: no room\neverything is as it was before' },
  );
  assert.deepEqual(log, ['do a', 'do b', 'undo c', 'undo b', 'undo a']);
});

test('perform() goes on undoing after what cannot be undone, and says what that was', async () => {
  const log: string[] = [];
  const steps = [step('a', log), step('b', log, { undo: fail }), step('c', log, { act: fail })];
  await assert.rejects(
    perform(steps, () => undefined),
    /not everything could be undone: b: no room/,
  );
  assert.deepEqual(log, ['do a', 'do b', 'undo c', 'undo a']);
});

test('pending() does nothing', async () => {
  const log: string[] = [];
  const left = await pending([step('a', log), step('b', log, { isDone: () => true })]);
  assert.deepEqual([left.map(({ what }) => what), log], [['a'], []]);
});
