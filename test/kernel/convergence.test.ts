import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';
import type { KernelNote } from '../../models/event.ts';
import { Convergence, type PassOutcome } from '../../src/kernel/convergence.ts';
import { until } from '../support/until.ts';

/** A pass under way, as the test sees it: it ends when the test says so. */
interface Pass {
  readonly desired: string;
  readonly woken: boolean;
  readonly at: number;
  end(outcome?: Partial<PassOutcome>): void;
  fail(message: string): void;
}

let loop: Convergence<string>;
let passes: Pass[];
let notes: KernelNote[];

function open(wakeMs?: number): Convergence<string> {
  passes = [];
  notes = [];
  loop = new Convergence<string>({
    pass: (desired, woken) =>
      new Promise((resolve, reject) => {
        const end = (outcome: Partial<PassOutcome> = {}): void => resolve({ inForce: true, ...outcome });
        const fail = (message: string): void => reject(new Error(message));
        passes.push({ desired, woken, at: performance.now(), end, fail });
      }),
    report: (note) => notes.push(note),
    failed: (reason) => `it failed: ${reason}`,
    recovered: (desired) => `${desired} again`,
    ...(wakeMs === undefined ? {} : { wakeMs }),
  });
  return loop;
}

afterEach(() => loop.close());

/** The pass of that number, counted from 0, once it began. */
async function pass(n: number): Promise<Pass> {
  await until(() => passes[n] !== undefined, `pass ${n}`);
  const found = passes[n];
  assert.ok(found);
  return found;
}

/** Lets everything happen that needs no timer. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const kinds = (): string[] => notes.map(({ kind }) => kind);
const trouble = (message: string): Partial<PassOutcome> => ({
  inForce: false,
  trouble: { kind: 'conflict', message, commands: [] },
});

/** Whether a promise has been resolved by now. */
async function isResolved(promise: Promise<unknown>): Promise<boolean> {
  await settled();
  return (await Promise.race([promise.then(() => 'yes'), Promise.resolve('no')])) === 'yes';
}

test('apply() resolves at the end of its pass; the first one reads, the next need not', async () => {
  const first = open().apply('a');
  assert.equal((await pass(0)).woken, true);
  assert.equal(await isResolved(first), false);
  (await pass(0)).end();
  await first;
  void loop.apply('b');
  assert.deepEqual([(await pass(1)).desired, (await pass(1)).woken], ['b', false]);
});

test('apply() during a pass: the last one wins, and all resolve when it is in force', async () => {
  const first = open().apply('a');
  await pass(0);
  const others = [loop.apply('b'), loop.apply('c')];
  (await pass(0)).end();
  assert.equal((await pass(1)).desired, 'c');
  for (const each of [first, ...others]) assert.equal(await isResolved(each), false);
  (await pass(1)).end();
  await Promise.all([first, ...others]);
  assert.equal(passes.length, 2);
});

test('apply() a microtask after the last look at what is to be done is not lost', async () => {
  open();
  // Whichever microtask of the end of a run it comes in: each is tried.
  for (let delay = 0; delay < 12; delay++) {
    const n = passes.length;
    const before = loop.apply('a');
    (await pass(n)).end();
    for (let i = 0; i < delay; i++) await Promise.resolve();
    const late = loop.apply('b');
    await settled();
    assert.equal(passes.at(-1)?.desired, 'b', `after ${delay} microtasks`);
    assert.equal(await isResolved(late), false, `after ${delay} microtasks`);
    passes.at(-1)?.end();
    await Promise.all([before, late]);
  }
});

test('wake() does nothing before the first apply(), then reads again', async () => {
  open().wake();
  await settled();
  assert.equal(passes.length, 0);
  const applied = loop.apply('a');
  (await pass(0)).end();
  await applied;
  loop.wake();
  assert.deepEqual([(await pass(1)).desired, (await pass(1)).woken], ['a', true]);
});

test('wake() during a pass runs another, since the first may have read too early', async () => {
  const applied = open().apply('a');
  await pass(0);
  loop.wake();
  loop.wake();
  (await pass(0)).end();
  assert.equal((await pass(1)).woken, true);
  assert.equal(await isResolved(applied), false);
  (await pass(1)).end();
  await applied;
  assert.equal(passes.length, 2);
});

test('wake() that may wait is one pass for all of them', async () => {
  const applied = open(20).apply('a');
  (await pass(0)).end();
  await applied;
  const from = performance.now();
  for (let i = 0; i < 5; i++) loop.wake();
  await settled();
  assert.equal(passes.length, 1);
  assert.ok((await pass(1)).at - from >= 19);
  passes[1]?.end();
  await settled();
  assert.equal(passes.length, 2);
});

test('wake() during a pass that may wait comes after it, and is not forgotten', async () => {
  const applied = open(20).apply('a');
  await pass(0);
  loop.wake();
  (await pass(0)).end();
  await applied;
  assert.equal(passes.length, 1);
  assert.equal((await pass(1)).woken, true);
});

test('wake() during a retry leaves it its time; apply() does not wait for it', async () => {
  const applied = open().apply('a');
  (await pass(0)).end({ inForce: false, retryMs: 60_000 });
  await applied;
  loop.wake();
  await settled();
  assert.equal(passes.length, 1);
  const next = loop.apply('b');
  assert.deepEqual([(await pass(1)).desired, (await pass(1)).woken], ['b', true]);
  (await pass(1)).end();
  await next;
  loop.wake(); // the retry was for 'a'
  await pass(2);
});

test('a retry reads again after its time', async () => {
  void open().apply('a');
  const from = performance.now();
  (await pass(0)).end({ inForce: false, retryMs: 50 });
  assert.ok((await pass(1)).at - from >= 49);
  assert.equal(passes[1]?.woken, true);
});

test('close() during a pass: it is the last, says nothing, and apply() resolves with it', async () => {
  const applied = open().apply('a');
  const waiting = [applied, loop.apply('b')];
  await pass(0);
  loop.close();
  (await pass(0)).fail('closed');
  await Promise.all(waiting);
  await loop.apply('c');
  loop.wake();
  await settled();
  assert.deepEqual([passes.length, notes], [1, []]);
});

test('close() during a retry: it never comes', async () => {
  const applied = open().apply('a');
  (await pass(0)).end({ inForce: false, retryMs: 10 });
  await applied;
  loop.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(passes.length, 1);
});

test('a pass that throws is tried again with back-off; trouble and recovery are reported once', async () => {
  const applied = open().apply('a');
  for (let n = 0; n < 4; n++) (await pass(n)).fail('no rights');
  await applied;
  assert.equal(loop.isInTrouble, true);
  (await pass(4)).end();
  await settled();
  const waits = passes.slice(1).map(({ at }, i) => at - (passes[i]?.at ?? 0));
  for (const [i, atLeast] of [250, 500, 1000, 1000].entries())
    assert.ok((waits[i] ?? 0) >= atLeast - 2 && (waits[i] ?? 0) < atLeast + 400, `waits: ${waits}`);
  assert.ok(passes.every(({ woken }) => woken));
  assert.deepEqual(
    notes.map(({ kind, message }) => [kind, message]),
    [
      ['failed', 'it failed: no rights'],
      ['recovered', 'a again'],
    ],
  );
  loop.wake();
  (await pass(5)).fail('no rights');
  const from = performance.now();
  assert.ok((await pass(6)).at - from < 450, 'the back-off begins again');
  assert.deepEqual(kinds(), ['failed', 'recovered', 'failed']);
});

test('trouble that changes is reported again; a pass that knows nothing new neither repeats nor ends it', async () => {
  open();
  const outcomes = [trouble('x'), trouble('x'), { inForce: false }, trouble('y'), {}, {}, trouble('y')];
  for (const [n, outcome] of outcomes.entries()) {
    const applied = loop.apply('a');
    (await pass(n)).end(outcome);
    await applied;
  }
  assert.deepEqual(
    notes.map(({ message }) => message),
    ['x', 'y', 'a again', 'y'],
  );
});

test('acquireRepair() lets four through at once, then one a second, and four again after ten quiet seconds', () => {
  let now = 0;
  const clock = mock.method(performance, 'now', () => now);
  open();
  const acquired = (): (number | undefined)[] =>
    Array.from({ length: 5 }, () => loop.acquireRepair()?.retryMs);
  const now4 = [undefined, undefined, undefined, undefined];
  assert.deepEqual(acquired(), [...now4, 900]);
  now = 600;
  assert.deepEqual(loop.acquireRepair(), { inForce: false, retryMs: 300 });
  now = 900;
  assert.deepEqual([loop.acquireRepair(), loop.acquireRepair()?.retryMs], [undefined, 900]);
  now = 10_901;
  assert.deepEqual(acquired(), [...now4, 900]);
  clock.mock.restore();
});
