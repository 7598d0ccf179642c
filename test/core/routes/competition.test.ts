import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import type { ForeignRule } from '../../../models/foreign-rule.ts';
import type { DefaultRoute } from '../../../models/link.ts';
import { competition, isLedAway, precedence } from '../../../src/core/routes/competition.ts';
import type { State } from '../../../src/core/state/state.ts';
import { exampleConfig, exampleDefault, exampleLinks, exampleState } from '../example.ts';

const open = { tables: [], rulePreference: true } as const;

function rule(pref: number, text: string, changes: Partial<ForeignRule> = {}): ForeignRule {
  const table = / lookup (\d+)/.exec(text)?.[1];
  return { family: 4, pref, text, ...(table && { table: Number(table) }), ...changes };
}

/** What wg-quick adds for a tunnel that takes all traffic. */
const vpn = (pref: number, changes: Partial<ForeignRule> = {}): ForeignRule =>
  rule(pref, 'not from all fwmark 0xca6c lookup 51820', {
    isNot: true,
    mark: { value: 0xca6c, mask: 0xffffffff },
    ...changes,
  });
const byVpn: DefaultRoute = exampleDefault(0, {
  ...{ interfaceName: 'wg0', gateway: undefined, table: 51820, metric: 0, protocol: 'boot' },
});
const by = (table: number, interfaceName = 'eth9'): DefaultRoute =>
  exampleDefault(0, { table, interfaceName, gateway: '192.0.2.1', metric: 0, protocol: 'static' });

function stateWith(
  rules: readonly ForeignRule[],
  defaults: readonly DefaultRoute[] = [],
  changes: Partial<Config> = {},
): State {
  const links = exampleLinks();
  const config = exampleConfig({ layout: 'table', open, ...changes });
  return exampleState(config, { ...links, defaults: [...links.defaults, ...defaults], rules });
}

test('competition() has nothing against a VPN whose rules come before ours; precedence() names it', () => {
  for (const pref of [10_769, 32_765]) {
    const state = stateWith([vpn(pref)], [byVpn]);
    assert.deepEqual(competition(state), []);
    assert.deepEqual(precedence(state), [
      `IPv4 rule ${pref} (not from all fwmark 0xca6c lookup 51820) comes before ours: what it matches leaves by wg0, whatever failover chooses`,
    ]);
  }
  const main = stateWith([vpn(32_765)], [byVpn], { layout: 'metrics' });
  assert.deepEqual([competition(main), precedence(main).length], [[], 1]);
});

test('competition() names a VPN that comes after ours, and the remedy', () => {
  const late = stateWith([vpn(32_765, { isAfterOurs: true })], [byVpn]);
  assert.deepEqual(competition(late), [
    'IPv4 rule 32765 (not from all fwmark 0xca6c lookup 51820) comes after ours, which take what it is for (default dev wg0 table 51820): give it a preference below 32765',
  ]);
  assert.deepEqual(precedence(late), []);
  const written = stateWith([vpn(32_765)], [byVpn], { open: { tables: [] } });
  assert.match(
    competition(written)[0] ?? '',
    /leave rulePreference out, so that ours come last, or give it a preference below 10782$/,
  );
  const behindMain = stateWith([rule(40_000, 'from all lookup 200')], [by(200)], { layout: 'metrics' });
  assert.match(
    competition(behindMain)[0] ?? '',
    /comes after the main table, .* \(default via 192\.0\.2\.1 dev eth9 table 200\)/,
  );
});

test('competition() has nothing against rules that lead to no default route', () => {
  const rules = [rule(32_765, 'from 10.9.0.0/16 lookup 200', { isAfterOurs: true }), vpn(40_000)];
  assert.deepEqual(competition(stateWith(rules)), []);
  const suppressed = rule(40_000, 'from all lookup 200 suppress_prefixlength 0', { suppressPrefixLength: 0 });
  assert.deepEqual(competition(stateWith([suppressed], [by(200)])), []);
});

test("competition() knows that Tailscale's own packets do not follow a failover in layout 'table'", () => {
  const own = rule(5210, 'from all fwmark 0x80000/0xff0000 lookup main', {
    table: 254,
    mark: { value: 0x80000, mask: 0xff0000 },
  });
  const tailscale = [own, rule(5270, 'from all lookup 52')];
  assert.deepEqual(competition(stateWith(tailscale)), [
    "IPv4 rule 5210 (from all fwmark 0x80000/0xff0000 lookup main) comes before ours: the packets with that mark go by the main table, and do not follow a failover; set layout: 'metrics'",
  ]);
  assert.deepEqual(competition(stateWith(tailscale, [], { layout: 'metrics' })), []);
  const exitNode = stateWith(tailscale, [by(52, 'tailscale0')], { layout: 'metrics' });
  assert.match(precedence(exitNode)[0] ?? '', /rule 5270 .* leaves by tailscale0/);
});

test("competition() names a rule for a provider's own address that leads elsewhere", () => {
  const own = rule(20_000, 'from 10.10.1.1 lookup 200', { from: '10.10.1.1' });
  assert.match(
    competition(stateWith([own], [by(200)]))[0] ?? '',
    /rule 20000 .* comes after our rules for the address of fibre, .*: give it a preference below 10770$/,
  );
  assert.deepEqual(competition(stateWith([own], [by(200, 'eth1')])), []);
  assert.deepEqual(competition(stateWith([{ ...own, pref: 100 }], [by(200)])), []);
  const network = rule(20_000, 'from 10.10.0.0/16 lookup 200', { from: '10.10.0.0/16' });
  assert.equal(competition(stateWith([network], [by(200)])).length, 1);
  const elsewhere = rule(20_000, 'from 192.168.5.0/24 lookup 200', { from: '192.168.5.0/24' });
  assert.deepEqual(competition(stateWith([elsewhere], [by(200)])), []);
});

test("competition() names others' routes in our tables, and others' rules among ours", () => {
  assert.deepEqual(competition(stateWith([], [by(101)])), [
    'IPv4 default via 192.0.2.1 dev eth9 table 101 (proto static) is not ours, but in table 101, that of fibre: give it another table, or set another rtTableId for fibre',
  ]);
  assert.match(
    competition(stateWith([], [by(100)]))[0] ?? '',
    /that of our active routes: .* another activeTableId$/,
  );
  assert.deepEqual(competition(stateWith([], [by(100)], { layout: 'metrics' })), []);
  assert.deepEqual(competition(stateWith([rule(10_771, 'from 192.0.2.9 lookup 555')])), [
    'IPv4 rule 10771 (from 192.0.2.9 lookup 555) is among ours, 10770 to 10775: give it another preference, or set another rulePreference',
  ]);
});

test('competition() names marks in our bits, where connections are marked', () => {
  const mine = rule(500, 'from all fwmark 0x1000000 lookup 7', {
    mark: { value: 0x1000000, mask: 0xffffffff },
  });
  assert.match(
    competition(stateWith([mine], [], { connectionMarks: true }))[0] ?? '',
    /is for marks in our bits, 0xff000000: set another fwmarkMask$/,
  );
  assert.deepEqual(competition(stateWith([mine])), []);
  assert.deepEqual(competition(stateWith([vpn(500)], [byVpn], { connectionMarks: true })), []);
});

test('isLedAway() is true for what a VPN takes before ours, and for marked packets where it comes before those rules', () => {
  const [early, late] = [stateWith([vpn(10_769)], [byVpn]), stateWith([vpn(32_765)], [byVpn])];
  assert.deepEqual([isLedAway(early, 4), isLedAway(early, 4, 0x01000000)], [true, true]);
  assert.deepEqual([isLedAway(late, 4), isLedAway(late, 4, 0x01000000)], [true, false]);
  assert.equal(isLedAway(early, 6), false);
  assert.equal(isLedAway(stateWith([vpn(10_769)]), 4), false, 'the tunnel is down');
  const some = rule(500, 'from 192.168.5.0/24 lookup 200', { from: '192.168.5.0/24' });
  assert.equal(isLedAway(stateWith([some], [by(200)]), 4), false);
});
