import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import fc from 'fast-check';
import { Deadlines } from '../../src/probes/deadlines.ts';

function pending(dueAt: number, expire: () => void) {
  return { dueAt, over: false, expire };
}

test('Deadlines act in order, each at its time, unless over', () => {
  const item = fc.record({
    dueAt: fc.integer({ min: 0, max: 40 }),
    over: fc.boolean(),
    addedAt: fc.integer({ min: 0, max: 40 }),
  });
  fc.assert(
    fc.property(fc.array(item, { maxLength: 60 }), (items) => {
      mock.timers.enable({ apis: ['setTimeout'] });
      let now = 0;
      const deadlines = new Deadlines(() => now);
      const acted: { dueAt: number; addedAt: number; now: number }[] = [];
      for (; now <= 50; now += 1) {
        for (const { dueAt, addedAt, over } of items.filter((other) => other.addedAt === now)) {
          const one = pending(dueAt, () => acted.push({ dueAt, addedAt, now }));
          deadlines.add(one);
          one.over = over;
        }
        mock.timers.tick(1);
      }
      mock.timers.reset();
      assert.equal(acted.length, items.filter(({ over }) => !over).length);
      for (const { dueAt, addedAt, now: at } of acted)
        assert.ok(at >= dueAt && at <= Math.max(dueAt, addedAt) + 1, `${dueAt} ${addedAt} ${at}`);
    }),
  );
});

test('Deadlines keep the rest when one of them throws', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  let acted = 0;
  const deadlines = new Deadlines(() => now);
  deadlines.add(
    pending(5, () => {
      throw new Error('one');
    }),
  );
  deadlines.add(
    pending(5, () => {
      acted += 1;
    }),
  );
  now = 5;
  assert.throws(() => context.mock.timers.tick(5), /one/);
  context.mock.timers.tick(1);
  assert.equal(acted, 1);
});

test('Deadlines that are cleared never act', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const deadlines = new Deadlines(() => 10);
  deadlines.add(pending(5, () => assert.fail('it acted')));
  deadlines.clear();
  context.mock.timers.tick(100);
});

test('Deadlines with slack act early together with another, and wake nobody early', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  const acted: [name: string, at: number][] = [];
  const deadlines = new Deadlines(() => now);
  const add = (name: string, dueAt: number, slackMs: number): void =>
    deadlines.add({ ...pending(dueAt, () => acted.push([name, now])), slackMs });
  add('alone', 10, 5);
  add('first', 30, 5);
  add('with the first', 34, 5);
  add('too far', 37, 5);
  add('strict', 38, 0);
  for (now = 0; now <= 40; now += 1) context.mock.timers.tick(now === 0 ? 0 : 1);
  assert.deepEqual(acted, [
    ['alone', 10],
    ['first', 30],
    ['with the first', 30],
    ['too far', 37],
    ['strict', 38],
  ]);
});

test('Deadlines that are over wake nobody, once another is added', (context) => {
  const timeouts = context.mock.method(globalThis, 'setTimeout', () => undefined);
  const deadlines = new Deadlines(() => 0);
  const ended = pending(20, () => undefined);
  deadlines.add(ended);
  ended.over = true;
  deadlines.add(pending(1000, () => undefined));
  assert.deepEqual(
    timeouts.mock.calls.map(({ arguments: [, delayMs] }) => delayMs),
    [20, 1000],
  );
});
