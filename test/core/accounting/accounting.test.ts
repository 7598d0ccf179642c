import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import type { Event } from '../../../models/event.ts';
import { Accounting } from '../../../src/core/accounting/accounting.ts';
import type { PathAccount } from '../../../src/core/accounting/path-account.ts';
import { initial } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import { exampleConfig, exampleLink, exampleLinks, exampleProvider, start } from '../example.ts';
import { simulate } from '../simulate.ts';

const config = exampleConfig({ providers: [0, 1].map((index) => exampleProvider(index)) });

/** Plays events into a fresh state, and counts them. */
function account(events: readonly Event[], by: Config = config): Accounting {
  const [state, accounting] = [initial(by, start), new Accounting()];
  for (const event of events) accounting.note(event, state, step(state, event).decisions);
  return accounting;
}

function fibre(accounting: Accounting, ms: number): PathAccount {
  return accounting.of('fibre/4', start + ms);
}

for (const [checkIntervalMs, toleranceMs] of [
  [200, 1000],
  [1000, 5000], // half an interval each: when it began and ended between two checks cannot be known
] as const) {
  test(`ten outages are counted as long as they were, with a check each ${checkIntervalMs} ms`, () => {
    const outages = Array.from({ length: 10 }, (_, i) => ({
      from: 60_000 + i * 90_000,
      ms: 5000 + i * 1700,
    }));
    const isUp = (ms: number): boolean =>
      !outages.some(({ from, ms: long }) => ms >= from && ms < from + long);
    const forMs = 1_000_000;
    const by = { ...config, checkIntervalMs };
    const { events } = simulate({ config: by, lines: [{ up: isUp }, { up: () => true }], forMs });
    const { ms, outageSeconds, checks, rttSeconds } = fibre(account(events, by), forMs);
    const truth = outages.reduce((sum, each) => sum + each.ms, 0);
    assert.ok(Math.abs(ms.down - truth) < toleranceMs, `${ms.down} ms of ${truth}`);
    assert.equal(outageSeconds.count, 10);
    assert.ok(
      Math.abs(outageSeconds.sum * 1000 - ms.down) < 1,
      'each outage is as long as the time counted for it',
    );
    assert.ok(ms.up > forMs - truth - 20_000, `${ms.up} ms up`);
    assert.equal(ms.unmeasured, 0);
    assert.equal(rttSeconds.count, checks.passed);
  });
}

test('a single lost check is neither an outage nor time that was up', () => {
  const { events } = simulate({
    config,
    lines: [{ up: (ms) => ms < 60_000 || ms > 60_300 }, { up: () => true }],
    forMs: 120_000,
  });
  const { ms, outageSeconds } = fibre(account(events), 120_000);
  assert.equal(ms.down, 0);
  assert.equal(outageSeconds.count, 0);
  assert.ok(ms.doubt > 0 && ms.doubt < 1500, `${ms.doubt} ms in doubt`);
});

test('all time is counted once, in whatever order things happen', () => {
  const { events } = simulate({
    config,
    lines: [{ up: (ms) => Math.floor(ms / 700) % 3 !== 1 }, { up: (ms) => ms % 20_000 < 15_000 }],
    forMs: 300_000,
  });
  const accounting = account(events);
  for (const key of ['fibre/4', 'lte/4'] as const) {
    const { ms } = accounting.of(key, start + 300_000);
    const sum = Object.values(ms).reduce((a, b) => a + b, 0);
    assert.ok(sum <= 300_000 && sum > 300_000 - 3000, `${key}: ${sum} ms`);
    for (const [state, value] of Object.entries(ms)) assert.ok(value >= 0, `${key} ${state} ${value}`);
  }
});

test('a device without carrier is down although no check says so', () => {
  const up = exampleLinks(2);
  const links = up.links.map((link) => (link.name === 'eth1' ? exampleLink(0, { carrier: false }) : link));
  const pass: Event = {
    type: 'check',
    at: start + 1020,
    startedAt: start + 1000,
    path: 'fibre/4',
    result: { ok: true, rttMs: 20 },
    targets: [],
  };
  const accounting = account([
    { type: 'links', at: start, links: up },
    pass,
    { type: 'links', at: start + 2000, links: { ...up, links } },
  ]);
  assert.equal(fibre(accounting, 5000).ms.down, 3000);
  assert.equal(fibre(accounting, 6000).ms.down, 4000);
});

test('a time in which no check could be made is neither up nor down', () => {
  const passed = (at: number): Event => ({
    type: 'check',
    at: start + at + 20,
    startedAt: start + at,
    path: 'fibre/4',
    result: { ok: true, rttMs: 20 },
    targets: [],
  });
  const notRun: Event = {
    ...passed(4000),
    result: { ok: false, code: 'not-run', reason: 'no ping' },
  } as Event;
  const { ms } = fibre(
    account([
      { type: 'links', at: start, links: exampleLinks(2) },
      passed(1000),
      passed(2000),
      notRun,
      passed(5000),
    ]),
    5000,
  );
  assert.deepEqual(ms, { up: 2000, doubt: 0, down: 0, unknown: 1000, unmeasured: 2000 });
  const stood = fibre(
    account([{ type: 'links', at: start, links: exampleLinks(2) }, passed(1000), passed(60_000)]),
    60_000,
  );
  assert.equal(stood.ms.unmeasured, 59_000);
});

test('switches are counted by their cause, health by what it became, and carried time by who carried', () => {
  const { events, decisions } = simulate({
    config,
    lines: [{ up: (ms) => ms < 60_000 || ms > 80_000 }, { up: () => true }],
    forMs: 200_000,
  });
  const accounting = account(events);
  const { byCause, last } = accounting.switches[4];
  assert.deepEqual([byCause.get('failover'), byCause.get('failback')], [1, 1]);
  assert.equal(last?.id, decisions.findLast(({ kind }) => kind === 'switch')?.id);
  assert.equal(fibre(accounting, 200_000).healthChanges['unreliable'], 1);
  const carried = [...accounting.paths.values()].map(({ activeMs }) => activeMs);
  const sum = carried.reduce((a, b) => a + b, 0);
  assert.ok(sum > 190_000 && sum <= 200_000, `${sum} ms carried`);
  assert.ok((carried[1] ?? 0) > 20_000, `lte carried ${carried[1]} ms`);
});
