import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config, OpenNumbers } from '../../../models/config.ts';
import type { ForeignRule } from '../../../models/foreign-rule.ts';
import type { DefaultRoute } from '../../../models/link.ts';
import type { Route } from '../../../models/route.ts';
import { foreignTables, type Surroundings, settle } from '../../../src/core/routes/claims.ts';
import { exampleConfig, exampleDefault, exampleProvider } from '../example.ts';

const open: OpenNumbers = {
  tables: ['fibre', 'lte', 'dsl'],
  ...{ activeTableId: true, rulePreference: true, fwmarkMask: true },
};
const config = (changes: Partial<Config> = {}): Config =>
  exampleConfig({ layout: 'table', open, ...changes });
const written = { open: { tables: [] } };

const theirs = (table: number): DefaultRoute =>
  exampleDefault(0, { table, interfaceName: 'eth9', gateway: '192.0.2.1', metric: 0, protocol: 'static' });
const rule = (pref: number, changes: Partial<ForeignRule> = {}): ForeignRule => {
  const table = changes.table ?? 555;
  return { family: 4, pref, text: `from all lookup ${table}`, table, ...changes };
};
const marked = (value: number, mask: number): ForeignRule =>
  rule(500, { mark: { value, mask }, text: 'from all fwmark' });

function around(
  { defaults = [], rules = [] }: Partial<Surroundings['links']> = {},
  more: Partial<Surroundings> = {},
): Surroundings {
  return { links: { defaults, rules }, own: { routes: [], rules: [] }, earlier: undefined, ...more };
}

const tables = ({ providers }: Config): number[] => providers.map(({ rtTableId }) => rtTableId);

test('settle() changes nothing where nobody else is', () => {
  const { config: settled, refusals } = settle(config({ connectionMarks: true }), around());
  const { claims, ...rest } = settled;
  assert.deepEqual(rest, config({ connectionMarks: true }));
  assert.deepEqual(refusals, []);
  assert.deepEqual(claims?.['table lte'], { used: 102, first: 102 });
});

test('settle() chooses other tables where others have routes or rules', () => {
  const found = around({ defaults: [theirs(101), theirs(104)], rules: [rule(500, { table: 100 })] });
  const { config: settled, refusals } = settle(config(), found);
  assert.deepEqual(tables(settled), [105, 102, 103]);
  assert.equal(settled.activeTableId, 106);
  assert.deepEqual(refusals, []);
});

test('settle() refuses a table that the operator wrote, with the route of its owner', () => {
  const found = around({ defaults: [theirs(101), theirs(100)] });
  const { config: settled, refusals } = settle(config(written), found);
  assert.deepEqual(tables(settled), [101, 102, 103]);
  assert.deepEqual(refusals, [
    'rtTableId 101 of fibre cannot be used: IPv4 default via 192.0.2.1 dev eth9 table 101 (proto static) is not ours; give fibre another, or leave it out',
    'activeTableId 100 cannot be used: IPv4 default via 192.0.2.1 dev eth9 table 100 (proto static) is not ours; set another, or leave it out',
  ]);
  const lead = around({ rules: [rule(500, { table: 101 })] });
  assert.deepEqual(
    settle(config(written), lead).refusals,
    [],
    'a rule of the operator that leads to a provider',
  );
});

test('settle() keeps what is ours already, whoever came later, and what was chosen, whoever left', () => {
  const found = around({ defaults: [theirs(101)] });
  const { claims } = settle(config(), found).config;
  assert.deepEqual(tables(settle(config(), around({}, { earlier: claims })).config), [104, 102, 103]);
  const first = settle(config(), around()).config.claims;
  for (const which of [config(), config(written)]) {
    const later = settle(which, { ...found, earlier: first });
    assert.deepEqual([tables(later.config), later.refusals], [[101, 102, 103], []]);
  }
  const leftover: Route = {
    ...{ family: 4, table: 101, dst: 'default', metric: 0, type: 'unreachable', onlink: false },
    ...{ gateway: undefined, dev: undefined, src: undefined },
  };
  const own = { routes: [leftover], rules: [] };
  assert.deepEqual(tables(settle(config(), { ...found, own }).config), [101, 102, 103]);
});

test('settle() takes a settled configuration as it is, and numbers a provider that others took the place of', () => {
  const found = around({ defaults: [theirs(101)] });
  const once = settle(config(), found).config;
  assert.deepEqual(settle(once, around()).config.providers, once.providers);
  const providers = [exampleProvider(1, { rtTableId: 101 }), exampleProvider(0, { rtTableId: 102 })];
  const turned = settle(config({ providers }), { ...found, earlier: once.claims }).config;
  assert.deepEqual(tables(turned), [103, 102]);
});

test('settle() looks at preferences', () => {
  const rules = [rule(10_771), rule(10_795)];
  assert.equal(settle(config(), around({ rules })).config.rulePreference, 10_810);
  assert.deepEqual(settle(config(written), around({ rules })).refusals, [
    'rulePreference 10770 cannot be used: IPv4 rule 10771 (from all lookup 555) would be among ours; set another, or leave it out',
  ]);
  assert.equal(settle(config(), around({ rules: [rule(10_776)] })).config.rulePreference, 10_770);
});

test('settle() looks at marks where connections are marked, and moves those of the providers', () => {
  const marks = { connectionMarks: true };
  const rules = [marked(0xca6c, 0xffffffff), marked(0x10000000, 0xf0000000)];
  const { config: settled } = settle(config(marks), around({ rules }));
  assert.equal(settled.fwmarkMask, 0x0ff00000);
  assert.deepEqual(
    settled.providers.map(({ mark }) => mark),
    [0x00100000, 0x00200000, 0x00300000],
  );
  assert.equal(settle(config(), around({ rules })).config.fwmarkMask, 0xff000000);
  assert.match(
    settle(config({ ...marks, ...written }), around({ rules })).refusals[0] ?? '',
    /^fwmarkMask 0xff000000 cannot be used: IPv4 rule 500 .* uses these bits; set another/,
  );
  const tailscale = around({ rules: [marked(0x80000, 0xff0000)] });
  assert.equal(settle(config(marks), tailscale).config.fwmarkMask, 0xff000000);
});

test('foreignTables() lists the tables of others', () => {
  const found = {
    defaults: [theirs(101), theirs(254)],
    rules: [rule(5, { table: 101 }), rule(6, { table: 52 })],
  };
  assert.deepEqual(foreignTables(found), [101, 52]);
});
