/** Which scenarios a round asks, and what they add up to: weights, required ones, and those with an interval of their own. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { ping } from '../../models/scenarios/ping.ts';
import { provider, virtualLab } from './virtual-lab.ts';

let lab = virtualLab();
lab.end();

beforeEach(() => {
  lab = virtualLab();
});
afterEach(() => lab.end());

/** The same lab with other settings. */
function using(settings: Parameters<typeof virtualLab>[0]): void {
  lab.end();
  lab = virtualLab(settings);
}

const [a, b, c, slow] = ['1.1.1.1', '8.8.8.8', '9.9.9.9', '7.7.7.7'] as const;
const askedAt = (address: string) =>
  lab.asked.filter((asked) => asked.address === address).map(({ at }) => at);
const askedOnce = () => lab.asked.map(({ address }) => address).sort();
const verdicts = () => lab.checks().map(({ result }) => result.ok);

/** Rounds a second apart, from now on. */
async function rounds(count: number, burst = false): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    lab.plan({ burst });
    await lab.pass(1000);
  }
}

test('a round asks the required ones, and others as far as their weight is needed', async () => {
  using({
    requiredSuccessful: 3,
    testScenarios: [ping(a), ping(b, { weight: 2 }), ping(c, { required: true })],
  });
  lab.plan();
  await lab.pass(30);
  assert.deepEqual(askedOnce(), [a, b, c].sort(), 'one counts 1, and with the required one 2 of 3');
  using({ requiredSuccessful: 3, testScenarios: [ping(b, { weight: 3 }), ping(a), ping(c)] });
  lab.plan();
  await lab.pass(30);
  assert.deepEqual(askedOnce(), [b], 'it weighs enough alone');
  assert.deepEqual(verdicts(), [true]);
});

test('a round without the required one does not pass, and fails with it at once', async () => {
  using({ testScenarios: [ping(a), ping(b), ping(c, { required: true })] });
  lab.behaviours.set(c, { ok: false, code: 'unreachable', reason: 'no route' });
  lab.plan();
  await lab.pass(1);
  assert.deepEqual(lab.checks()[0]?.result, { ok: false, code: 'unreachable', reason: 'no route' });
  lab.behaviours.set(c, 400);
  lab.plan({ at: 1, burst: true });
  await lab.pass(399);
  assert.equal(lab.checks().length, 1, 'the others passed long ago');
  await lab.pass(10);
  assert.deepEqual(verdicts(), [false, true]);
});

test('a round fails as soon as what is left weighs too little', async () => {
  using({ requiredSuccessful: 3, testScenarios: [ping(a, { weight: 3 }), ping(b), ping(c)] });
  lab.behaviours.set(a, { ok: false, code: 'unreachable', reason: 'no route' });
  lab.behaviours.set(b, 500);
  lab.plan({ burst: true });
  await lab.pass(1);
  assert.deepEqual(verdicts(), [false]);
});

test('a scenario that cannot run has no say, also when it is required', async () => {
  using({ requiredSuccessful: 'all', testScenarios: [ping(a), ping(b, { required: true })] });
  lab.behaviours.set(b, { ok: false, code: 'not-run', reason: 'no address in IPv4' });
  lab.plan();
  await lab.pass(30);
  assert.deepEqual(verdicts(), [true]);
  lab.behaviours.set(a, { ok: false, code: 'unreachable', reason: 'no route' });
  lab.plan({ at: 40 });
  await lab.pass(30);
  assert.deepEqual(verdicts(), [true, false]);
});

test('a provider has its own requiredSuccessful', async () => {
  using({ providers: [{ ...provider('fibre'), requiredSuccessful: 'all' }] });
  lab.plan();
  await lab.pass(30);
  assert.equal(lab.asked.length, 3);
});

test('a late answer corrects a round only where it would have passed with it', async () => {
  using({ testScenarios: [ping(a), ping(b, { required: true })] });
  await rounds(2, true);
  lab.behaviours.set(a, 200);
  lab.behaviours.set(b, undefined);
  await rounds(1, true);
  assert.deepEqual(verdicts(), [true, true, false]);
  assert.deepEqual(lab.lates(), []);
  lab.behaviours.set(b, 200);
  await rounds(1, true);
  assert.deepEqual(
    lab.lates().map(({ target }) => target),
    ['ping 8.8.8.8'],
  );
});

const every = { every: 30 } as const;

test('what has an interval is asked when it is due: soon after the first time, then ever less often', async () => {
  using({ testScenarios: [ping(a), ping(slow, every)] });
  await rounds(1, true);
  await rounds(120);
  // Virtual chance is 1, so that intervals are 1.1 times as long, and they are looked at each second.
  const gaps = askedAt(slow).map((at, i, all) => at - (all[i - 1] ?? 0));
  assert.deepEqual(gaps, [0, 2000, 3000, 6000, 13_000, 27_000, 34_000, 34_000]);
  assert.equal(askedAt(a).length, 121);
  assert.ok(verdicts().every((ok) => ok));
});

test('slowdown asks it so many times less often', async () => {
  using({ testScenarios: [ping(a), ping(slow, every)] });
  for (let at = 0; at < 300_000; at += 1000) {
    lab.plan({ at, slowdown: 4 });
    await lab.pass(1000);
  }
  const last = askedAt(slow).slice(-2);
  assert.ok((last[1] ?? 0) - (last[0] ?? 0) >= 120_000, `${last}`);
});

test('what has an interval is asked at once when one fails that passed, and its fresh answer counts', async () => {
  using({ testScenarios: [ping(a), ping(slow, every)] });
  await rounds(1, true);
  await rounds(6);
  const before = askedAt(slow).length;
  lab.behaviours.set(a, { ok: false, code: 'unreachable', reason: 'no route' });
  lab.plan();
  await lab.pass(20);
  assert.equal(askedAt(slow).length, before + 1);
  assert.equal(verdicts().at(-1), true, 'it vouches for the line');
  lab.behaviours.set(slow, { ok: false, code: 'refused', reason: 'reset' });
  lab.plan();
  await lab.pass(20);
  assert.equal(verdicts().at(-1), false, 'what it found before proves nothing');
});

test('it is not asked again for one that goes on failing, while another passes', async () => {
  using({ testScenarios: [ping(a), ping(b), ping(slow, every)] });
  await rounds(1, true);
  await rounds(60);
  lab.behaviours.set(a, { ok: false, code: 'unreachable', reason: 'no route' });
  const before = askedAt(slow).length;
  lab.plan(); // begins with `a`, as every round does here
  await lab.pass(5);
  assert.equal(askedAt(slow).length, before + 1, 'at once when it began');
  await lab.pass(995);
  await rounds(19);
  assert.ok(askedAt(slow).length - before <= 2, 'and perhaps when it was due');
  assert.ok(verdicts().every((ok) => ok));
});

test('its failure stands until it passes again, when it is required', async () => {
  using({ testScenarios: [ping(a), ping(slow, { ...every, required: true })] });
  await rounds(1, true);
  await rounds(70);
  lab.behaviours.set(slow, { ok: false, code: 'portal', reason: 'status 302: captive portal' });
  await rounds(34);
  const firstBad = verdicts().indexOf(false);
  assert.notEqual(firstBad, -1, 'within its interval');
  const found = askedAt(slow).at(-1) ?? 0;
  await rounds(10);
  assert.ok(
    verdicts()
      .slice(firstBad)
      .every((ok) => !ok),
    'with the ping passing all the while',
  );
  const reason = 'status 302: captive portal (7.7.7.7)';
  assert.deepEqual(lab.checks().at(-1)?.result, { ok: false, code: 'portal', reason });
  assert.ok(askedAt(slow).at(-1) !== found, 'it is asked again soon');
  lab.behaviours.delete(slow);
  await rounds(34);
  assert.equal(verdicts().at(-1), true);
});

test('its failure only counts for less when it is not required', async () => {
  using({ testScenarios: [ping(a), ping(slow, every)] });
  lab.behaviours.set(slow, { ok: false, code: 'wrong-answer', reason: 'status 500' });
  await rounds(1, true);
  await rounds(20);
  assert.ok(verdicts().every((ok) => ok));
});

test('it makes up for the weight that is missing, and takes it away when it fails', async () => {
  using({ requiredSuccessful: 3, testScenarios: [ping(a), ping(slow, { ...every, weight: 2 })] });
  await rounds(1, true);
  await rounds(5);
  assert.ok(verdicts().every((ok) => ok));
  lab.behaviours.set(slow, { ok: false, code: 'wrong-answer', reason: 'status 500' });
  await rounds(20);
  assert.equal(verdicts().at(-1), false);
});

test('a burst asks it too, once at a time', async () => {
  using({ testScenarios: [ping(a, { required: true }), ping(slow, { ...every, required: true })] });
  lab.behaviours.set(a, { ok: false, code: 'unreachable', reason: 'no route' });
  lab.behaviours.set(slow, 500);
  for (let i = 0; i < 5; i += 1) {
    lab.plan({ burst: true });
    await lab.pass(50);
  }
  assert.deepEqual(askedAt(slow), [0], 'the first is under way');
  assert.equal(lab.checks().length, 5);
});

test('what is found after a round has failed is told with the next', async () => {
  using({ testScenarios: [ping(a), ping(b, { required: true })] });
  lab.behaviours.set(b, { ok: false, code: 'refused', reason: 'refused' });
  await rounds(2, true);
  const told = lab.checks().map(({ targets }) => targets.map(({ target, result }) => [target, result.ok]));
  assert.deepEqual(told, [
    [['ping 8.8.8.8', false]],
    [
      ['ping 8.8.8.8', false],
      ['ping 1.1.1.1', true],
    ],
  ]);
});

test('its result beside a round is told with the next', async () => {
  using({ testScenarios: [ping(a), ping(slow, every)] });
  await rounds(1, true);
  await rounds(4);
  const told = lab.checks().flatMap(({ targets }) => targets.map(({ target }) => target));
  assert.equal(told.filter((target) => target === 'ping 7.7.7.7').length, askedAt(slow).length);
});

test('where nothing else is asked, it is asked in each round', async () => {
  using({ testScenarios: [ping(slow, every)] });
  await rounds(3);
  assert.equal(askedAt(slow).length, 3);
  using({ testScenarios: [ping(a), ping(slow, every)] });
  lab.plan({ burst: true, setAside: new Set(['ping 1.1.1.1']) });
  await lab.pass(1000);
  lab.plan({ setAside: new Set(['ping 1.1.1.1']) });
  await lab.pass(1000);
  assert.equal(askedAt(slow).length, 2, 'also while the others are set aside');
});
