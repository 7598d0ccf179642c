import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FailbackWait } from '../../models/snapshot.ts';
import { statusPage } from '../../src/report/status-page.ts';
import { type TerminalStyle, terminalStyle } from '../../src/report/terminal.ts';
import { exampleSnapshot, fibre, lte, now } from './example.ts';

const look: TerminalStyle = { columns: 80, colour: false, unicode: true };

describe('statusPage()', () => {
  test('shows each provider with its role, health, figures and why', () => {
    const page = statusPage(exampleSnapshot(), look, {});
    assert.match(
      page,
      /^failover 0\.1\.0, process 4711, up 2 h, configured by \/etc\/failover\/config\.ts$/m,
    );
    assert.match(page, /^The internet works: IPv4 goes through fibre since /m);
    assert.match(page, /^● fibre {2}eth1, table 101$/m);
    assert.match(page, /^ {2}IPv4 {2}active {3}reliable for 3 h +▪{30}$/m);
    assert.match(page, /^ {8}score 99, loss 0 %, rtt 4\.2 ms, jitter 0\.31 ms, 50 checks$/m);
    assert.match(page, /^ {8}10\.10\.1\.1 via 10\.10\.1\.254$/m);
    assert.match(page, /^○ lte {2}wwan0, table 102$/m);
    assert.match(page, /^ {2}IPv4 {2}standby {2}unreliable for 4 min, down \(target\) +▪✗·$/m);
    assert.match(page, /^ {8}score 0, loss 100 %, 50 checks$/m);
    assert.match(page, /20 checks failed in a row/);
    assert.match(page, /Last switch, .*: IPv4 moves from lte to fibre/);
    assert.doesNotMatch(page, /Pinned|dead|ping program|raw sockets/);
  });

  test('shows what checks cost, the budget, and how far it puts them apart', () => {
    const spent = { lastHourBytes: 612_345, sinceStartBytes: 14_200_000 };
    const thrifty = { ...lte, spent: { ...spent, budgetBytes: 5e6, slowedToMs: 20_000 } };
    const wide = { ...look, columns: 120 };
    const page = statusPage(exampleSnapshot({ paths: [{ ...fibre, spent }, thrifty] }), wide, {});
    assert.match(page, /^ {8}checks cost 612 kB in the last hour, 14 MB since start$/m);
    assert.match(
      page,
      /^ {8}checks cost 612 kB in the last hour \(budget 5 MB\), 14 MB since start, one every 20 s$/m,
    );
  });

  test('shows how long a provider waits for traffic, with its failback delay and why', () => {
    const waits = { ...fibre, role: 'standby', failback: { delayMs: 80_000, failovers: 4 } } as const;
    const wide = { ...look, columns: 120 };
    const page = (failback: FailbackWait): string =>
      statusPage(exampleSnapshot({ paths: [{ ...waits, failback }, lte] }), wide, {});
    assert.match(
      page({ ...waits.failback, dueAt: now + 42_000 }),
      /^ {8}carries traffic in 42 s \(failback delay 80 s: 4 failovers in the last hour\)$/m,
    );
    assert.match(
      page(waits.failback),
      /^ {8}carries traffic once it has been reliable for 80 s \(failback delay 80 s: /m,
    );
    assert.match(
      page({ delayMs: 10_000, failovers: 1, dueAt: now - 1 }),
      / in 0 ms \(failback delay 10 s\)$/m,
    );
  });

  test('names the layer that broke, and what is odd about a path', () => {
    const six = { ...fibre, family: 6, path: 'fibre/6', liveness: 'doubt', layer: 'dns' } as const;
    const remarks = ['packets of 1500 bytes vanish on the way'];
    const page = statusPage(exampleSnapshot({ paths: [{ ...fibre, remarks }, six] }), look, {});
    assert.match(page, /reliable for 3 h, in doubt \(dns\)/);
    assert.match(page, /^ {8}packets of 1500 bytes vanish on the way$/m);
  });

  test('groups the families of a provider', () => {
    const six = { ...fibre, family: 6, path: 'fibre/6', liveness: 'doubt' } as const;
    const page = statusPage(exampleSnapshot({ paths: [fibre, six, lte] }), look, {});
    assert.equal(page.match(/fibre {2}eth1/g)?.length, 1);
    assert.match(page, /^ {2}IPv6 {2}active {3}reliable for 3 h, in doubt/m);
  });

  test('tells of pins, dead targets, drift and the ping program', () => {
    const page = statusPage(
      exampleSnapshot({
        sticky: { id: 'lte', until: now + 7_200_000 },
        deadTargets: [{ family: 4, target: 'ping 8.8.8.8', since: now - 60_000 }],
        drift: ['IPv4 default dev eth9 metric 5 is not ours and prevails over fibre: remove it'],
        probing: { means: 'ping program', reason: 'net.ipv4.ping_group_range excludes group 0' },
      }),
      look,
    );
    assert.match(
      page,
      /^Pinned to lte until 2026-11-\d\d \d\d:00:00 \(2 h left\); "failover unpin" ends it\.$/m,
    );
    assert.match(page, /^! Target "ping 8\.8\.8\.8" \(IPv4\) has been dead for 60 s and set aside/m);
    assert.match(page, /^! IPv4 default dev eth9 metric 5 is not ours/m);
    assert.match(page, /^! Echoes are sent by the ping program: net\.ipv4\.ping_group_range excludes/m);
  });

  test('says of a target that relapsed that it answers only now and then', () => {
    const deadTargets = [{ family: 4, target: 'ping 8.8.8.8', since: now - 60_000, relapses: 2 }] as const;
    const page = statusPage(exampleSnapshot({ deadTargets }), { ...look, columns: 120 });
    assert.match(
      page,
      /^! Target "ping 8\.8\.8\.8" \(IPv4\) answers only now and then, and has been set aside for 60 s\.$/m,
    );
  });

  test('marks checks that passed although a packet was lost, and shows no loss where it is not known', () => {
    const recent = [true, 'lossy', false] as const;
    const young = { ...fibre, recent, lossRatio: undefined, score: undefined };
    assert.match(statusPage(exampleSnapshot({ paths: [young] }), look, {}), /reliable for 3 h +▪▫✗$/m);
    assert.match(
      statusPage(exampleSnapshot({ paths: [young] }), { ...look, unicode: false }, {}),
      / {8}rtt 4\.2 ms, jitter 0\.31 ms, 50 checks$/m,
    );
    assert.match(statusPage(exampleSnapshot({ paths: [young] }), { ...look, unicode: false }, {}), / \.ox$/m);
  });

  test('says that raw sockets are in use, which is no trouble', () => {
    const page = statusPage(exampleSnapshot({ probing: { means: 'raw sockets', reason: 'because' } }), look);
    assert.match(page, /^Echoes are sent by raw sockets, since ping sockets are not permitted\.$/m);
  });

  test('shows nothing where nothing is known', () => {
    const unknown = {
      ...fibre,
      health: 'unknown',
      liveness: 'unknown',
      since: undefined,
      score: undefined,
      lossRatio: undefined,
      rttMs: undefined,
      jitterMs: undefined,
      samples: 0,
      recent: [],
    } as const;
    const page = statusPage(
      exampleSnapshot({ paths: [unknown], active: { 4: [], 6: [] }, lastDecision: undefined }),
      look,
      {},
    );
    assert.match(page, /^Not known yet whether the internet works: the first checks have not ended\.$/m);
    assert.match(page, /^ {2}IPv4 {2}active {3}unknown$/m);
    assert.match(page, /^ {8}no checks yet$/m);
    assert.doesNotMatch(page, /undefined|NaN/);
  });

  test('fits its columns, with the longest of everything', () => {
    const six = {
      ...fibre,
      family: 6,
      provider: 'x'.repeat(32),
      interfaceName: 'y'.repeat(15),
      liveness: 'doubt',
      health: 'unreliable',
      since: now - 89 * 60_000,
      table: 4294967295,
      binding: {
        interfaceName: 'y'.repeat(15),
        interfaceIndex: 1,
        address: '2001:0db8:1111:2222:3333:4444:5555:6666',
        network: undefined,
        gateway: 'fe80:1111:2222:3333:4444:5555:6666:7777',
      },
    } as const;
    for (const unicode of [true, false]) {
      const page = [undefined, {}]
        .map((details) =>
          statusPage(exampleSnapshot({ paths: [fibre, lte, six] }), { ...look, unicode }, details),
        )
        .join('\n');
      for (const line of page.split('\n')) assert.ok(line.length <= 80, `${line.length}: ${line}`);
    }
  });

  test('keeps to ASCII where the locale wants it', () => {
    const page = statusPage(exampleSnapshot(), { ...look, unicode: false }, {});
    assert.doesNotMatch(page, /[^\x20-\x7e\n]/);
    assert.match(page, /unreliable for 4 min, down \(target\) +\.x\?$/m);
  });

  test('keeps the terminal safe from what reasons quote', () => {
    const page = statusPage(
      exampleSnapshot({ paths: [{ ...lte, why: 'it said \x1b[2J\r\nhello' }] }),
      look,
      {},
    );
    assert.match(page, /it said \?\[2J hello/);
  });

  test('paints only where there are colours', () => {
    const painted = statusPage(exampleSnapshot(), { ...look, colour: true });
    assert.ok(painted.includes('\x1b[31m✗\x1b[0m'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.equal(painted.replaceAll(/\x1b\[\d+m/g, ''), statusPage(exampleSnapshot(), look));
  });
});

describe('lookOf()', () => {
  test('uses colours on terminals without NO_COLOR, marks in UTF-8 locales', () => {
    const terminal = { isTTY: true, columns: 100 };
    assert.deepEqual(terminalStyle(terminal, { LANG: 'de_DE.UTF-8' }), {
      columns: 100,
      colour: true,
      unicode: true,
    });
    assert.equal(terminalStyle(terminal, { NO_COLOR: '1' }).colour, false);
    assert.equal(terminalStyle(terminal, { LC_ALL: 'C', LANG: 'de_DE.UTF-8' }).unicode, false);
    assert.equal(terminalStyle({ isTTY: true, columns: 0 }, {}).columns, 80); // a terminal that was never told its size
    assert.deepEqual(terminalStyle({}, {}), { columns: 80, colour: false, unicode: false });
  });
});
