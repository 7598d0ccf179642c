/** What `failover status` shows first, to the letter. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PathSnapshot, Snapshot } from '../../models/snapshot.ts';
import { statusPage, statusSentence } from '../../src/report/status-page.ts';
import { summarise } from '../../src/report/summary.ts';
import { moment, type TerminalStyle } from '../../src/report/terminal.ts';
import { exampleDecision, exampleSnapshot, fibre, lte, now } from './example.ts';

const look: TerminalStyle = { columns: 80, colour: false, unicode: true };

function six(path: PathSnapshot): PathSnapshot {
  const why = path.why.replace('10.10.2.254', '2001:db8:2::fe').replace('ARP', 'neighbour discovery');
  return { ...path, family: 6, path: `${path.provider}/6`, why };
}

const cable: PathSnapshot = {
  ...lte,
  path: 'cable/4',
  provider: 'cable',
  interfaceName: 'eth2',
  layer: 'gateway',
  since: now - 12 * 60_000,
  why: 'the gateway 10.10.2.254 does not answer ARP; 21 checks failed in a row (limit 2), nothing got through for 1.0 s (limit 1.0 s)',
  recent: [...Array<boolean>(12).fill(true), ...Array<boolean>(18).fill(false)],
};
const standby: PathSnapshot = {
  ...fibre,
  path: 'lte/4',
  provider: 'lte',
  interfaceName: 'wwan0',
  role: 'standby',
};
const both = (...paths: readonly PathSnapshot[]): PathSnapshot[] =>
  paths.flatMap((path) => [path, six(path)]);
const moved4 = exampleDecision({ at: now - 7_200_000 });
const moved6 = exampleDecision({ at: now - 7_199_900, family: 6, sentence: 'IPv6 moves from lte to fibre' });

function dual(changes: Partial<Snapshot> = {}): Snapshot {
  return exampleSnapshot({
    paths: both(fibre, cable, { ...standby, rttMs: 61.4 }),
    active: { 4: ['fibre'], 6: ['fibre'] },
    lastDecision: moved6,
    lastSwitch: { 4: moved4, 6: moved6 },
    ...changes,
  });
}

/** As the clock on the wall of this machine shows it. */
const clock = (at: number): string => moment(at).slice(11, 16);

describe('statusPage()', () => {
  test('begins with a sentence and a line per provider, then says what is wrong with the others', () => {
    const remarks = ['The sticky file is ignored: no provider has the id "junk".'];
    assert.deepEqual(statusPage(dual({ remarks }), look).split('\n'), [
      `The internet works: IPv4 and IPv6 go through fibre since ${clock(moved6.at)} (2 h); cable is`,
      'down.',
      '',
      '  provider  device  IPv4              IPv6              checks',
      '● fibre     eth1    reliable, 4.2 ms  reliable, 4.2 ms  ▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪',
      '○ cable     eth2    down for 12 min   down for 12 min   ▪▪▪▪▪▪✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗',
      '○ lte       wwan0   reliable, 61 ms   reliable, 61 ms   ▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪',
      '',
      'cable, down for 12 min (gateway): the gateway 10.10.2.254 does not answer ARP;',
      '  21 checks failed in a row (limit 2), nothing got through for 1.0 s (limit',
      '  1.0 s)',
      '',
      '! The sticky file is ignored: no provider has the id "junk".',
      '',
      `Last switch, ${moment(moved6.at)}: IPv4 and IPv6 move from lte to fibre`,
      '(failover: lte is down: no answer)',
      'failover 0.1.0, process 4711, up 2 h, configured by /etc/failover/config.ts',
      'More: failover status ID, failover status --all, failover why, failover history',
    ]);
  });

  test('fits a screen of 80 × 24, with its prompt, when three providers are down in both families', () => {
    const why = 'last: no answer from ping 1.1.1.1, ping 8.8.8.8, ping 9.9.9.9 within 268 ms';
    const down = (path: PathSnapshot): PathSnapshot => ({
      ...path,
      ...{ health: 'unreliable', liveness: 'down', layer: 'target', why: `${cable.why}; ${why}` },
    });
    const reason = `all down: ${[fibre, cable, standby].map(({ provider }) => `${provider} is down: ${why}`).join('; ')}`;
    const decision = exampleDecision({ reason });
    const snapshot = dual({ paths: both(down(fibre), down(cable), down(standby)), lastDecision: decision });
    const lines = statusPage(snapshot, look).split('\n');
    assert.ok(lines.length <= 23, lines.join('\n'));
    assert.ok(
      lines.every((line) => line.length <= 80),
      lines.join('\n'),
    );
    assert.equal(lines.filter((line) => line.endsWith(' …')).length, 2, lines.join('\n'));
  });

  test('keeps apart what IPv4 and IPv6 do not share', () => {
    const page = statusPage(dual({ paths: [fibre, six(fibre), { ...standby }, { ...six(lte) }] }), look);
    assert.match(page, /; lte is\ndown in IPv6\.$/m);
    assert.match(page, /^○ lte +wwan0 +reliable, 4\.2 ms +down for 4 min /m);
    assert.match(page, /^lte \(IPv6\), down for 4 min \(target\): 20 checks/m);
  });

  test('says what is odd about single providers, once for both families', () => {
    const odd = { ...fibre, remarks: ['packets of 1500 bytes vanish on the way'] };
    assert.match(
      statusPage(dual({ paths: both(odd) }), look),
      /^! fibre: packets of 1500 bytes vanish on the way$/m,
    );
    assert.match(
      statusPage(dual({ paths: [odd, six(fibre)] }), look),
      /^! fibre \(IPv4\): packets of 1500 bytes/m,
    );
  });

  test('shows a disabled provider, and one without IPv6, as what they are', () => {
    const paths = [...both(fibre), { ...standby, role: 'disabled' }, { ...cable, role: 'disabled' }] as const;
    const page = statusPage(dual({ paths }), look);
    assert.match(page, /^○ lte +wwan0 +disabled +- /m);
    assert.match(page, /^The internet works: IPv4 and IPv6 go through fibre since \S+ \(2 h\)\.$/m);
  });

  test('shows a thousand providers by those that matter', () => {
    const many = Array.from({ length: 1000 }, (_, n): PathSnapshot => {
      const path = n % 100 === 7 ? cable : standby;
      return { ...path, provider: `p${n}`, path: `p${n}/4` };
    });
    const page = statusPage(exampleSnapshot({ paths: [fibre, ...many] }), look);
    assert.ok(page.split('\n').length < 45, page);
    assert.match(page, /^ {2}and 990 more: failover status --all$/m);
    assert.match(page, /^and 5 more: failover status --all$/m);
    assert.match(page, /; p7 is down, p107\nis down, p207 is down, p307 is down, 6 more are not well\.$/m);
  });

  test('shows the figures of one provider', () => {
    const page = statusPage(dual(), look, { of: 'cable' });
    assert.match(page, /^○ cable {2}eth2, table 102$/m);
    assert.doesNotMatch(page, /^[●○] (fibre|lte)|^More:/m);
  });

  test('paints the state, and the marks, only where there are colours', () => {
    const painted = statusPage(dual(), { ...look, colour: true });
    assert.ok(painted.startsWith('\x1b[33mThe internet works'), painted);
    assert.ok(painted.includes('\x1b[31m✗\x1b[0m'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.equal(painted.replaceAll(/\x1b\[\d+m/g, '').replaceAll(/ +$/gm, ''), statusPage(dual(), look));
  });
});

describe('summarise()', () => {
  const down = { health: 'unreliable', liveness: 'down', since: now - 720_000 } as const;
  const condition = (changes: Partial<Snapshot>) => summarise(dual(changes)).condition;

  test('is well only when every provider is reliable and nothing stands in the way', () => {
    const paths = both(fibre, standby);
    assert.equal(condition({ paths }), 'well');
    assert.equal(condition({}), 'degraded');
    assert.equal(condition({ paths, drift: ['a default route prevails'] }), 'degraded');
    assert.equal(condition({ paths: both(fibre, { ...standby, health: 'unreliable' }) }), 'degraded');
    assert.equal(condition({ paths: both(fibre, { ...cable, role: 'disabled' }) }), 'well');
  });

  test('says in which family it works, if not in both', () => {
    const snapshot = dual({ paths: [fibre, { ...six(fibre), ...down }] });
    assert.equal(summarise(snapshot).condition, 'degraded');
    assert.equal(
      statusSentence(snapshot),
      `The internet works in IPv4 only: IPv4 and IPv6 go through fibre since ${clock(moved6.at)} (2 h); fibre is down in IPv6.`,
    );
  });

  test('says since when nothing works, and where the routes lead', () => {
    const snapshot = dual({ paths: both({ ...fibre, ...down }, cable) });
    assert.equal(summarise(snapshot).condition, 'down');
    assert.equal(
      statusSentence(snapshot),
      `Nothing gets through to the internet, since ${clock(now - 720_000)} (12 min); IPv4 and IPv6 stay with fibre.`,
    );
  });

  test('a pin to a dead provider means that nothing works, whatever the others do', () => {
    assert.equal(condition({ active: { 4: ['cable'], 6: ['cable'] } }), 'down');
  });

  test('names both lines where the families differ', () => {
    const active = { 4: ['fibre'], 6: ['lte', 'cable'] };
    const lastSwitch = { 4: moved4, 6: undefined };
    assert.equal(
      statusSentence(
        dual({ paths: both(fibre, standby, { ...standby, provider: 'cable' }), active, lastSwitch }),
      ),
      `The internet works: IPv4 goes through fibre since ${clock(moved4.at)} (2 h), IPv6 through lte and cable.`,
    );
  });

  test('gives the date of what began on another day', () => {
    const lastSwitch = { 4: { ...moved4, at: now - 3 * 86_400_000 }, 6: undefined };
    const then = moment(now - 3 * 86_400_000).slice(0, 16);
    assert.equal(
      statusSentence(exampleSnapshot({ paths: [fibre], lastSwitch })),
      `The internet works: IPv4 goes through fibre since ${then} (3 d).`,
    );
  });

  test('waits for the first checks', () => {
    const young = { ...fibre, health: 'unknown', liveness: 'unknown' } as const;
    assert.equal(condition({ paths: both(young) }), 'unknown');
    assert.equal(condition({ paths: [], active: { 4: [], 6: [] } }), 'down');
  });
});
