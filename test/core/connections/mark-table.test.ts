import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import {
  type MarkTable,
  markTable,
  spellLoading,
  spellMarkTable,
} from '../../../src/core/connections/mark-table.ts';
import { initial } from '../../../src/core/state/state.ts';
import { exampleConfig, exampleLinks, exampleProvider, exampleState, start } from '../example.ts';

/** The table of two providers, the second of which translates IPv4. */
function table(changes: Partial<Config> = {}): MarkTable {
  const nat = { 4: 'masquerade', 6: 'none' } as const;
  const providers = [exampleProvider(0), exampleProvider(1, { nat })];
  const made = markTable(exampleState(exampleConfig({ connectionMarks: true, providers, ...changes })));
  assert.ok(made);
  return made;
}

function chain({ chains }: MarkTable, name: string): readonly string[] {
  const found = chains.find((each) => each.name === name);
  assert.ok(found, `no chain ${name} in ${chains.map((each) => each.name)}`);
  return found.lines;
}

test('markTable() is undefined where connections are not marked, and before devices are known', () => {
  assert.equal(markTable(exampleState(exampleConfig({ connectionMarks: false }))), undefined);
  assert.equal(markTable(initial(exampleConfig({ connectionMarks: true }), start)), undefined);
});

test('markTable() changes the bits of our mask alone', () => {
  assert.deepEqual(chain(table(), 'on-lte'), ['meta mark set meta mark & 0x00ffffff | 0x02000000']);
  assert.deepEqual(chain(table(), 'begin-lte'), ['ct mark set ct mark & 0x00ffffff | 0x02000000']);
  const providers = [exampleProvider(0, { mark: 0x0100 })];
  const low = table({ fwmarkMask: 0xff00, providers });
  assert.deepEqual(chain(low, 'begin-fibre'), ['ct mark set ct mark & 0xffff00ff | 0x00000100']);
});

test("markTable() leaves what this machine sends alone where it bears others' bits", () => {
  const low = table({ fwmarkMask: 0xff00, providers: [exampleProvider(0, { mark: 0x0100 })] });
  assert.ok(chain(low, 'output').includes('meta mark & 0xffff00ff != 0 accept'));
  const all = table({ fwmarkMask: 0xffffffff, providers: [exampleProvider(0, { mark: 1 })] });
  assert.equal(chain(all, 'output').length, 2);
});

test('markTable() leaves what this machine forwards alone where a rule of others asks for its mark', () => {
  const marks = [
    { value: 0xca6c, mask: 0xffffffff },
    { value: 0xca6c, mask: 0xffffffff },
    { value: 0x80000, mask: 0xff0000 },
    { value: 0x1000000, mask: 0xff000000 },
  ];
  const rules = marks.map((mark, pref) => ({ family: 4 as const, pref, text: '', mark }));
  const state = exampleState(exampleConfig({ connectionMarks: true }), { ...exampleLinks(), rules });
  const made = markTable(state);
  assert.ok(made);
  assert.deepEqual(
    chain(made, 'prerouting').filter((line) => line.startsWith('meta mark')),
    ['meta mark & 0x00ff0000 == 0x00080000 accept', 'meta mark & 0x00ffffff == 0x0000ca6c accept'],
  );
});

test('spellMarkTable() of two providers, one of which translates', () => {
  assert.equal(
    spellMarkTable(table()),
    `table inet failover {
	chain on-fibre {
		meta mark set meta mark & 0x00ffffff | 0x01000000
	}
	chain begin-fibre {
		ct mark set ct mark & 0x00ffffff | 0x01000000
	}
	chain on-lte {
		meta mark set meta mark & 0x00ffffff | 0x02000000
	}
	chain begin-lte {
		ct mark set ct mark & 0x00ffffff | 0x02000000
	}
	chain arriving-fibre {
		ip saddr != { 10.10.1.0/24 } ct direction original ct mark & 0xff000000 == 0 jump begin-fibre
		ip saddr != { 10.10.1.0/24 } accept
	}
	chain arriving-lte {
		ip saddr != { 10.10.2.0/24 } ct direction original ct mark & 0xff000000 == 0 jump begin-lte
		ip saddr != { 10.10.2.0/24 } accept
	}
	chain nat-lte-ipv4 {
		oifname "eth2" masquerade
	}
	chain prerouting {
		type filter hook prerouting priority mangle; policy accept;
		iifname vmap { "eth1" : jump arriving-fibre, "eth2" : jump arriving-lte }
		ct mark & 0xff000000 vmap { 0x01000000 : goto on-fibre, 0x02000000 : goto on-lte }
	}
	chain output {
		type route hook output priority mangle; policy accept;
		meta mark & 0x00ffffff != 0 accept
		ct mark & 0xff000000 vmap { 0x01000000 : goto on-fibre, 0x02000000 : goto on-lte }
	}
	chain postrouting {
		type filter hook postrouting priority mangle; policy accept;
		meta nfproto ipv4 ct direction original ct mark & 0xff000000 == 0 oifname vmap { "eth1" : jump begin-fibre, "eth2" : jump begin-lte }
	}
	chain srcnat {
		type nat hook postrouting priority srcnat; policy accept;
		meta nfproto ipv4 ct mark & 0xff000000 vmap { 0x02000000 : goto nat-lte-ipv4 }
	}
}
`,
  );
});

test('markTable() tells providers on one device by their gateways, and what comes in by their addresses', () => {
  const on = (index: number, address: string, gateway: string) =>
    exampleProvider(index, {
      interfaceName: 'eth1',
      addressing: {
        4: { address, network: '10.10.1.0/24', gateway },
        6: { address: 'none', network: 'auto', gateway: 'auto' },
      },
    });
  const same = table({ providers: [on(0, '10.10.1.1', '10.10.1.254'), on(1, '10.10.1.1', '10.10.1.253')] });
  assert.deepEqual(chain(same, 'postrouting').slice(1), [
    'meta nfproto ipv4 ct direction original ct mark & 0xff000000 == 0 oifname . rt ip nexthop vmap { "eth1" . 10.10.1.254 : jump begin-fibre, "eth1" . 10.10.1.253 : jump begin-lte }',
  ]);
  // By which gateway it came in cannot be told: it gets no mark, rather than a wrong one.
  assert.deepEqual(chain(same, 'arriving-fibre'), ['ip saddr != { 10.10.1.0/24 } accept']);
});

test('markTable() asks for known clients only where new traffic goes', () => {
  const providers = [0, 1, 2].map((index) => exampleProvider(index, { tier: index === 2 ? 1 : 0 }));
  const stickyClients = { by: 'source', timeoutMs: 90_000 } as const;
  const state = exampleState(exampleConfig({ connectionMarks: true, providers, stickyClients }));
  state.newTraffic = { 4: ['lte'], 6: [] };
  const made = markTable(state);
  assert.ok(made);
  assert.deepEqual(chain(made, 'prerouting').slice(3), [
    'ct direction original ip saddr @clients-ipv4-lte goto on-lte',
  ]);
  assert.deepEqual(chain(made, 'stick-dsl'), ['update @clients-ipv4-dsl { ip saddr timeout 90s }']);
  assert.equal(made.sets.length, 3);
});

test('spellLoading() keeps the sets that stay, and takes away what is no longer wanted', () => {
  const stickyClients = { by: 'source', timeoutMs: 90_000 } as const;
  const loading = spellLoading(table({ stickyClients }), {
    sets: ['clients-ipv4-fibre', 'clients-ipv4-gone'],
    chains: ['prerouting', 'on-gone'],
  });
  assert.deepEqual(loading.split('\n').slice(0, 5), [
    'add table inet failover',
    'flush table inet failover',
    'delete chain inet failover on-gone',
    'delete set inet failover clients-ipv4-gone',
    'table inet failover {',
  ]);
});
