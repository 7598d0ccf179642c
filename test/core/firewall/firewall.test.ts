import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import { type Firewall, firewallFor } from '../../../src/core/firewall/firewall.ts';
import { iptablesText } from '../../../src/core/firewall/iptables.ts';
import { nftablesText } from '../../../src/core/firewall/nftables.ts';

const fibre = { id: 'fibre', interfaceName: 'eth1', ipv4Address: '198.51.100.2/24' };
const lte = { id: 'lte', interfaceName: 'wwan0' };

function configOf(settings: Readonly<Record<string, unknown>>): Config {
  const input = { providers: [fibre, lte], downlinks: { lan: ['lan0'] }, ...settings };
  const parsed = parseConfig(input, { file: '/x/config.ts' });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.config;
}

function firewall(settings: Readonly<Record<string, unknown>> = {}, isSaid = false): Firewall {
  return firewallFor(configOf({ connectionMarks: 'external', ...settings }), () => isSaid);
}

test('firewallFor() translates to a static address, and masquerades behind one that may change', () => {
  assert.deepEqual(
    firewall().uplinks.map(({ nat }) => nat),
    [
      { 4: '198.51.100.2', 6: undefined },
      { 4: 'masquerade', 6: undefined },
    ],
  );
});

test("firewallFor() follows the operator's own word on translation", () => {
  const providers = [
    { ...fibre, nat: 'none', ipv6Nat: 'masquerade' },
    { ...lte, nat: '203.0.113.9', ipv6Nat: 'none' },
  ];
  assert.deepEqual(
    firewall({ providers }, true).uplinks.map(({ nat }) => nat),
    [
      { 4: undefined, 6: 'masquerade' },
      { 4: '203.0.113.9', 6: undefined },
    ],
  );
});

test("firewallFor() has the daemon's own marks and mask", () => {
  const config = configOf({ fwmarkMask: '0x0000ff00' });
  const { mask, uplinks } = firewallFor(config, () => false);
  assert.equal(mask, 0xff00);
  assert.deepEqual(
    uplinks.map(({ mark }) => mark),
    config.providers.map(({ mark }) => mark),
  );
});

test('firewallFor() leaves out what it cannot tell apart or is not used, and says so', () => {
  const shared = { id: 'b', interfaceName: 'eth3', gateway: '192.0.2.1' };
  const providers = [
    fibre,
    { ...lte, enabled: false },
    { ...shared, id: 'a', gateway: '192.0.2.2', ipv4Address: '192.0.2.10/24' },
    { ...shared, ipv4Address: '192.0.2.11/24' },
  ];
  const { uplinks, remarks } = firewall({ providers });
  assert.deepEqual(
    uplinks.map(({ id }) => id),
    ['fibre'],
  );
  assert.match(remarks.join('\n'), /^eth3 has several providers/);
});

test("firewallFor() asks for connectionMarks: 'external'", () => {
  assert.deepEqual(firewall().remarks, []);
  assert.match(firewall({ connectionMarks: false }).remarks.join(), /puts no rules for these marks in place/);
  assert.match(firewall({ connectionMarks: true }).remarks.join(), /also loads its own table/);
});

test('texts have lines for a DMZ only where there is one', () => {
  const dmz = { downlinks: { lan: ['lan0'], dmz: ['dmz0'] } };
  for (const [write, word] of [
    [nftablesText, /dmz/],
    [(one: Firewall) => iptablesText(one, 4), /dmz|DMZ/],
    [(one: Firewall) => iptablesText(one, 6), /dmz|DMZ/],
  ] as const) {
    assert.doesNotMatch(write(firewall()), word);
    assert.match(write(firewall(dmz)), word);
  }
});

test('firewallFor() names the patterns that it leaves out', () => {
  const providers = [fibre, { interfaceName: 'wan*' }, { interfaceName: 'auto' }];
  const { uplinks, remarks } = firewall({ providers });
  assert.deepEqual(
    uplinks.map(({ id }) => id),
    ['fibre'],
  );
  assert.match(remarks.join('\n'), /interfaces of "wan\*" .*left out/);
  assert.match(remarks.join('\n'), /interfaces of "auto" .*left out/);
});

test('iptablesText() is what iptables-save would print, with templates in comments', () => {
  const text = iptablesText(firewall({ downlinks: { lan: ['lan0'], dmz: ['dmz0'] } }), 4);
  for (const line of [
    '*mangle',
    ':PREROUTING ACCEPT [0:0]',
    '-A PREROUTING -i lan0 -j CONNMARK --restore-mark --nfmask 0xff000000 --ctmask 0xff000000',
    '-A PREROUTING -i dmz0 -j CONNMARK --restore-mark --nfmask 0xff000000 --ctmask 0xff000000',
    '-A PREROUTING -i eth1 -m conntrack --ctstate NEW -m connmark --mark 0x0/0xff000000 -j CONNMARK --set-xmark 0x01000000/0xff000000',
    '-A POSTROUTING -o wwan0 -m conntrack --ctstate NEW -m connmark --mark 0x0/0xff000000 -j CONNMARK --set-xmark 0x02000000/0xff000000',
    '#-A PREROUTING -i eth1 -p tcp --dport 80 -j DNAT --to-destination 192.168.0.10:80',
    '-A POSTROUTING -o eth1 -j SNAT --to-source 198.51.100.2',
    '-A POSTROUTING -o wwan0 -j MASQUERADE',
    '-A FORWARD -i eth1 -o lan0 -j WAN_LAN',
    '-A WAN_LAN -j REJECT',
    'COMMIT',
  ])
    assert.ok(text.split('\n').includes(line), `expected ${line} in\n${text}`);
  assert.equal(text.match(/^COMMIT$/gm)?.length, 3);
});
