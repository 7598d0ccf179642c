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
