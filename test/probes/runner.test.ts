import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { ping } from '../../models/scenarios/ping.ts';
import type { TestResult } from '../../models/test-result.ts';
import { type Probe, TestScenario } from '../../models/test-scenario.ts';
import { eth1, planned, provider, targets, virtualLab } from './virtual-lab.ts';

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

/** A scenario made of one function. */
class Scripted extends TestScenario {
  readonly name: string;
  readonly #body: (probe: Probe) => unknown;

  constructor(name: string, body: (probe: Probe) => unknown) {
    super();
    this.name = name;
    this.#body = body;
  }

  runTest(_provider: unknown, probe: Probe): Promise<TestResult> {
    return this.#body(probe) as Promise<TestResult>; // some of these return nonsense on purpose
  }
}

/** One with a deadline of its own, longer than `checkTimeout`. */
class Patient extends Scripted {
  override get timeoutMs(): number {
    return 3000;
  }
}

const addresses = () => lab.asked.map(({ address }) => address);
const silence = (...which: string[]) => {
  for (const address of which) lab.behaviours.set(address, undefined);
};

test('schedule() starts the round at its instant', async () => {
  lab.plan({ at: 30 });
  await lab.pass(29);
  assert.equal(lab.asked.length, 0);
  await lab.pass(1);
  assert.deepEqual(
    lab.asked.map(({ at }) => at),
    [30],
  );
  await lab.pass(20);
  const result = { ok: true, rttMs: 10 };
  assert.deepEqual(lab.events, [
    {
      type: 'check',
      at: 40,
      startedAt: 30,
      path: 'fibre/4',
      result,
      targets: [{ target: 'ping 1.1.1.1', result }],
      packets: [{ target: 'ping 1.1.1.1', answered: true }],
      bytes: 168, // twice 20 of IP, 8 of ICMP and 56 of payload
    },
  ]);
});

test('schedule() starts a round at once when its instant has passed', async () => {
  await lab.pass(5);
  lab.plan({ at: -1000 });
  assert.deepEqual(
    lab.asked.map(({ at }) => at),
    [5],
  );
});

test('schedule() replaces a plan that waits', async () => {
  lab.plan({ at: 10 });
  lab.plan({ at: 20 });
  await lab.pass(40);
  assert.deepEqual(
    lab.asked.map(({ at }) => at),
    [20],
  );
});

test('schedule() with the plan that has begun changes nothing', async () => {
  lab.plan({ at: 0 });
  lab.plan({ at: 0 });
  await lab.pass(50);
  lab.plan({ at: 0 });
  await lab.pass(50);
  assert.equal(lab.checks().length, 1);
});

test('schedule() lets a round end before the next begins', async () => {
  silence(...targets);
  lab.plan({ at: 0, burst: true });
  await lab.pass(10);
  lab.plan({ at: 20, burst: true });
  await lab.pass(689);
  assert.equal(lab.asked.length, 3);
  await lab.pass(1);
  assert.deepEqual(
    lab.checks().map(({ startedAt }) => startedAt),
    [0],
  );
  assert.deepEqual(
    lab.asked.map(({ at }) => at),
    [0, 0, 0, 700, 700, 700],
  );
});

test('schedule() abandons a round whose binding changed, and releases the old one', async () => {
  silence(...targets);
  lab.plan({ at: 0 });
  await lab.pass(10);
  lab.behaviours.clear();
  lab.plan({ at: 0, binding: { ...eth1, interfaceIndex: 8 } });
  assert.equal(lab.bound(), 1);
  await lab.pass(3000);
  assert.deepEqual(
    lab.checks().map(({ startedAt, result }) => [startedAt, result.ok]),
    [[10, true]],
  );
});

test('schedule() goes on when only the network of the binding changed', async () => {
  lab.plan({ at: 0 });
  await lab.pass(5);
  lab.plan({ at: 500, binding: { ...eth1, network: '10.1.0.0/16' } });
  await lab.pass(600);
  assert.deepEqual(
    lab.checks().map(({ startedAt }) => startedAt),
    [0, 500],
  );
});

test('schedule() tells with a failed check where the path broke, and with no other', async () => {
  silence(...targets);
  lab.plan({ at: 0, burst: true });
  await lab.pass(1100);
  lab.behaviours.clear();
  lab.plan({ at: 1200 });
  await lab.pass(200);
  lab.plan({ at: 1500, binding: { ...eth1, interfaceIndex: 9 } });
  lab.behaviours.set('1.1.1.1', { ok: false, code: 'not-run', reason: 'interface eth1 is missing' });
  await lab.pass(2000);
  const [failed, passed] = lab.checks();
  assert.deepEqual(failed?.fault, { layer: 'target', beyond: false, answered: false });
  assert.equal(passed?.result.ok, true);
  for (const event of lab.checks().slice(1)) assert.equal('fault' in event, false, JSON.stringify(event));
});

test('schedule() of undefined ends a path without a word', async () => {
  lab.plan({ at: 0 });
  lab.runner.schedule('fibre/4', undefined);
  await lab.pass(2000);
  assert.deepEqual(lab.events, []);
  assert.equal(lab.bound(), 0);
});

test('a round asks in every order', async () => {
  const orders = new Set<string>();
  lab.random.next = Math.random;
  silence(...targets);
  for (let i = 0; i < 100 && orders.size < 6; i += 1) {
    lab.asked.length = 0;
    lab.plan({ at: lab.now(), burst: true });
    orders.add(addresses().join(' '));
    await lab.pass(1000);
  }
  assert.equal(orders.size, 6);
});

test('a round asks the rest at once when one does not answer, and passes with the first that does', async () => {
  silence('1.1.1.1');
  lab.plan();
  await lab.pass(699);
  assert.deepEqual(addresses(), ['1.1.1.1']);
  await lab.pass(50);
  assert.deepEqual(addresses(), targets);
  const [check] = lab.checks();
  assert.deepEqual(check?.result, { ok: true, rttMs: 10 });
  assert.equal(check?.at, 710);
  assert.deepEqual(
    check?.targets.map(({ target, result }) => [target, result.ok]),
    [
      ['ping 1.1.1.1', false],
      ['ping 8.8.8.8', true],
    ],
  );
});

test('a round fails when nothing answers, and names the targets', async () => {
  silence(...targets);
  lab.plan();
  await lab.pass(2000);
  const reason = 'no answer from 1.1.1.1, 8.8.8.8, 9.9.9.9 within 700 ms';
  assert.deepEqual(
    lab.checks().map(({ at, result }) => [at, result]),
    [[1400, { ok: false, code: 'no-answer', afterMs: 700, reason }]],
  );
});

test('a round in a burst asks all at once', async () => {
  silence('1.1.1.1', '8.8.8.8');
  lab.plan({ burst: true });
  assert.deepEqual(addresses(), targets);
  await lab.pass(10);
  assert.deepEqual(lab.checks()[0]?.result, { ok: true, rttMs: 10 });
  assert.equal(lab.checks()[0]?.targets.length, 1, 'those without result yet are not lost');
});

test('requiredSuccessful is how many are asked and must pass, with the mean of their RTTs', async () => {
  using({ requiredSuccessful: 2 });
  lab.behaviours.set('8.8.8.8', 30);
  lab.plan();
  await lab.pass(40);
  assert.deepEqual(addresses(), ['1.1.1.1', '8.8.8.8']);
  assert.deepEqual(lab.checks()[0]?.result, { ok: true, rttMs: 20 });
});

test("requiredSuccessful: 'all' fails with the first that fails", async () => {
  using({ requiredSuccessful: 'all' });
  lab.behaviours.set('8.8.8.8', {
    ok: false,
    code: 'unreachable',
    reason: 'no route to 8.8.8.8 through eth1',
  });
  lab.plan();
  await lab.pass(1);
  assert.deepEqual(lab.checks()[0]?.result, {
    ok: false,
    code: 'unreachable',
    reason: 'no route to 8.8.8.8 through eth1',
  });
  await lab.pass(1000);
  assert.equal(lab.checks().length, 1);
});

test('requiredSuccessful over the number of scenarios means all of them', async () => {
  using({ requiredSuccessful: 9 });
  lab.plan();
  await lab.pass(10);
  assert.equal(lab.checks()[0]?.targets.length, 3);
});

test('deadlines adapt to the usual RTT', async () => {
  for (const at of [0, 100, 200, 300]) {
    lab.plan({ at });
    await lab.pass(100);
  }
  silence(...targets);
  lab.plan({ at: 400 });
  await lab.pass(2000);
  assert.equal(lab.asked[0]?.timeoutMs, 700);
  assert.equal(lab.asked[4]?.timeoutMs, 50);
});

test('what takes several round trips is given half of checkTimeout at least, or its own timeout', async () => {
  const given: number[] = [];
  const slow = new Scripted('slow', async ({ timeoutMs }) => {
    given.push(timeoutMs);
    await new Promise((resolve) => setTimeout(resolve, 10));
    return { ok: true, rttMs: 1 };
  });
  const own = new Patient('patient', async ({ timeoutMs }) => {
    given.push(timeoutMs);
    return { ok: true, rttMs: 1 };
  });
  using({ testScenarios: [slow, own], requiredSuccessful: 'all' });
  for (const at of [0, 100]) {
    lab.plan({ at });
    await lab.pass(100);
  }
  assert.deepEqual(given, [1000, 3000, 500, 3000]);
});

test('a scenario of the operator that is called like a ping is none, whatever its reason says', async () => {
  const own = new Scripted('ping x', async () => ({ ok: false, reason: 'no route to the queue' }));
  using({ testScenarios: [own] });
  lab.plan();
  await lab.pass(5);
  const [event] = lab.checks();
  const result = { ok: false, code: 'rejected', reason: 'no route to the queue (ping x)' };
  assert.deepEqual(event?.result, result);
  assert.deepEqual(event?.fault, { layer: 'target', beyond: false, answered: true });
});

test('a scenario of the operator may say what happened, as a code or as notRun', async () => {
  const silence = { ok: false, reason: 'no luck', code: 'no-answer', afterMs: 40 };
  const returned: readonly (readonly [unknown, unknown])[] = [
    [silence, silence],
    [
      { ok: false, reason: 'no luck', notRun: true },
      { ok: false, code: 'not-run', reason: 'no luck' },
    ],
    [
      { ok: false, reason: 'no luck', code: 'stalled' },
      { ok: false, code: 'not-run', reason: 'no luck' },
    ],
    [
      { ok: false, reason: 'no luck', code: 'broken' },
      { ok: false, code: 'rejected', reason: 'no luck' },
    ],
  ];
  for (const [body, expected] of returned) {
    using({ testScenarios: [new Scripted('own', async () => body)] });
    lab.plan();
    await lab.pass(5);
    assert.deepEqual(lab.checks().at(-1)?.targets, [{ target: 'own', result: expected }]);
  }
});

test('a late answer is told, after the verdict that it corrects, and teaches the deadline', async () => {
  for (const at of [0, 100, 200]) {
    lab.plan({ at, burst: true });
    await lab.pass(100);
  }
  silence(...targets);
  lab.behaviours.set('1.1.1.1', 80);
  lab.plan({ at: 300, burst: true });
  await lab.pass(100);
  const [late] = lab.lates();
  const { path, startedAt, target, rttMs, at } = late ?? {};
  assert.deepEqual([path, startedAt, target, rttMs, at], ['fibre/4', 300, 'ping 1.1.1.1', 80, 380]);
  assert.equal(lab.checks().at(-1)?.result.ok, false);
  lab.plan({ at: 500 });
  await lab.pass(200);
  assert.ok((lab.asked.at(-1)?.timeoutMs ?? 0) > 80);
});

test('a late answer that comes before the verdict is told after it', async () => {
  lab.plan({ at: 0 });
  await lab.pass(100);
  silence('8.8.8.8', '9.9.9.9');
  lab.behaviours.set('1.1.1.1', 200); // its deadline is 50 ms, that of the others still 1000 ms
  lab.plan({ at: 100 });
  await lab.pass(1500);
  assert.deepEqual(
    lab.events.map(({ type }) => type),
    ['check', 'check', 'late'],
  );
});

test('a late answer to a round that passed without counting it is not told', async () => {
  for (const at of [0, 100, 200]) {
    lab.plan({ at, burst: true });
    await lab.pass(100);
  }
  lab.behaviours.set('9.9.9.9', 80);
  lab.plan({ at: 300, burst: true });
  await lab.pass(300);
  assert.deepEqual(lab.lates(), []);
});

test('targets set aside are not asked, but tried every 10 s, and told without a say', async () => {
  silence('1.1.1.1');
  const setAside = new Set(['ping 1.1.1.1']);
  for (let at = 0; at < 25_000; at += 1000) {
    lab.plan({ at, setAside });
    await lab.pass(1000);
  }
  const tries = lab.asked.filter(({ address }) => address === '1.1.1.1').map(({ at }) => at);
  assert.deepEqual(tries, [10_000, 20_000]);
  assert.ok(lab.checks().every(({ result }) => result.ok));
  const told = lab.checks().filter((check) => check.targets.some(({ target }) => target === 'ping 1.1.1.1'));
  assert.equal(told.length, 2);
});

test('targets are asked when all of them are set aside', async () => {
  lab.plan({ setAside: new Set(targets.map((target) => `ping ${target}`)), burst: true });
  assert.deepEqual(addresses(), targets);
});

test('a scenario that throws, rejects, hangs or returns nonsense does not stop the others', async () => {
  const aborted: boolean[] = [];
  const testScenarios = [
    new Scripted('thrower', () => {
      throw new Error('bad luck');
    }),
    new Scripted('rejecter', () => Promise.reject(new Error('no luck'))),
    new Scripted('hanger', ({ signal }) => {
      signal.addEventListener('abort', () => aborted.push(signal.aborted));
      return new Promise(() => undefined);
    }),
    new Scripted('nonsense', () => 42),
    ping('1.1.1.1'),
  ];
  using({ testScenarios });
  lab.plan({ burst: true });
  await lab.pass(20);
  assert.deepEqual(lab.checks()[0]?.result, { ok: true, rttMs: 10 });
  silence('1.1.1.1');
  lab.plan({ at: 20, burst: true });
  await lab.pass(1100);
  const reason = [
    'no answer from 1.1.1.1 within 50 ms',
    'could not run: bad luck (thrower)',
    'could not run: no luck (rejecter)',
    'could not run: it did not return { ok: true, rttMs } or { ok: false, reason } (nonsense)',
    'did not end by its deadline of 1000 ms (hanger)',
  ].join('; ');
  assert.deepEqual(lab.checks()[1]?.result, { ok: false, code: 'no-answer', afterMs: 50, reason });
  assert.deepEqual(aborted, [true, true]);
});

test('one dead provider among 300, and one whose scenario never ends, delay no check of the others by a millisecond', async () => {
  const hanger = new Scripted('hanger', () => new Promise(() => undefined));
  const own = (i: number): TestScenario[] =>
    i === 0 ? [ping('8.8.8.8')] : i === 1 ? [hanger] : [ping('1.1.1.1')];
  using({ providers: Array.from({ length: 300 }, (_, i) => provider(`p${i}`, own(i))) });
  silence('8.8.8.8');
  const planAt = (i: number, at: number): void =>
    lab.runner.schedule(
      `p${i}/4`,
      planned({ at, burst: i < 2, binding: { ...eth1, interfaceName: `eth${i}` } }),
    );
  const first = (i: number): number => 100 + Math.floor(i / 30); // thirty at the same instant
  for (let i = 0; i < 300; i += 1) planAt(i, first(i));
  let told = 0;
  while (lab.now() < 4000) {
    await lab.pass(10);
    for (const { path, startedAt } of lab.checks().slice(told)) {
      const i = Number(path.slice(1, -2));
      planAt(i, i < 2 ? lab.now() : startedAt + 500); // in doubt, the two are asked without a pause
      told += 1;
    }
  }
  for (let i = 2; i < 300; i += 1) {
    const times = lab.asked.filter(({ device }) => device === `eth${i}`).map(({ at }) => at);
    assert.ok(times.length >= 7, `p${i} was checked ${times.length} times`);
    assert.deepEqual(
      times,
      times.map((_, n) => first(i) + 500 * n),
    );
  }
});

test('a round of which nothing could run is not run', async () => {
  const missing = { ok: false, code: 'not-run', reason: 'interface eth1 is missing' } as const;
  for (const target of targets) lab.behaviours.set(target, missing);
  lab.plan();
  await lab.pass(5);
  assert.deepEqual(
    lab.checks().map(({ result }) => result),
    [missing],
  );
});

test('a path without a scenario of its family is not run', async () => {
  lab.runner.schedule('fibre/6', planned({ binding: { ...eth1, address: 'fd01::1' } }));
  await lab.pass(5);
  const reason = 'no test scenario can run in IPv6';
  assert.deepEqual(
    lab.checks().map(({ result }) => result),
    [{ ok: false, code: 'not-run', reason }],
  );
});

test('a provider asks its own scenarios, also its gateway', async () => {
  using({ providers: [provider('fibre', [ping('gateway')])] });
  lab.plan();
  await lab.pass(20);
  assert.deepEqual(addresses(), ['10.1.1.254']);
  lab.plan({ binding: { ...eth1, gateway: undefined } });
  await lab.pass(20);
  const reason = 'eth1 has no IPv4 gateway to ask';
  assert.deepEqual(lab.checks()[1]?.result, { ok: false, code: 'not-run', reason });
});

test('configure() takes effect with the next round, and ends paths that are gone', async () => {
  lab.plan({ at: 0 });
  lab.runner.configure({ ...lab.config, testScenarios: [ping('4.4.4.4')] });
  lab.plan({ at: 100 });
  await lab.pass(200);
  assert.deepEqual(addresses(), ['1.1.1.1', '4.4.4.4']);
  lab.plan({ at: 300 });
  lab.runner.configure({ ...lab.config, providers: [provider('lte')] });
  await lab.pass(500);
  assert.equal(lab.checks().length, 2);
  assert.equal(lab.bound(), 0);
});

test('runOnce() runs every scenario once', async () => {
  silence('8.8.8.8');
  const results = lab.runner.runOnce('fibre/4', eth1);
  await lab.pass(1100);
  assert.deepEqual(await results, [
    { target: 'ping 1.1.1.1', result: { ok: true, rttMs: 10 } },
    {
      target: 'ping 8.8.8.8',
      result: { ok: false, code: 'no-answer', afterMs: 1000, reason: 'no answer within 1000 ms' },
    },
    { target: 'ping 9.9.9.9', result: { ok: true, rttMs: 10 } },
  ]);
  assert.equal(lab.bound(), 0);
  assert.deepEqual(lab.events, []);
});

test('close() ends everything', async () => {
  lab.plan({ at: 0 });
  lab.runner.schedule('fibre/6', planned({ at: 50 }));
  lab.runner.close();
  await lab.pass(2000);
  assert.deepEqual(lab.events, []);
  assert.equal(lab.bound(), 0);
});

test('a round during which the process stood still is not run, whatever fails in it afterwards', async () => {
  for (const target of targets) lab.behaviours.set(target, undefined);
  lab.plan();
  await lab.pass(100);
  await lab.standStill(5000);
  await lab.pass(2000);
  const [first] = lab.checks();
  assert.ok(first !== undefined && !first.result.ok);
  assert.equal(first.result.code, 'stalled');
  assert.match(first.result.reason, /^this process stood still for \d\.\d s/);
});

test('an answer that waited while the process stood still passes, but its RTT is not the line’s', async () => {
  const slept = new Scripted('slept', async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    return { ok: true, rttMs: 5000 };
  });
  using({ testScenarios: [slept] });
  lab.plan();
  await lab.standStill(5000);
  assert.deepEqual(lab.checks()[0]?.result, { ok: true, rttMs: 1000, untimed: true });
});
