import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { providerFields } from '../../../models/provider-fields.ts';
import type { Setting, SettingTable } from '../../../models/setting.ts';
import { settings } from '../../../models/settings.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import { defaults } from '../../../src/config/schema/defaults.ts';
import {
  jsonSchema,
  type ProviderValues,
  providerFieldNames,
  reviewProvider,
  reviewSettings,
  type SettingValues,
  settingNames,
} from '../../../src/config/schema/schema.ts';
import { programFolder } from '../../../src/process/program.ts';
import { defaultText, inputFile, inputText, rangeText } from './documented.ts';

const guide = readFileSync(join(programFolder, 'docs/configuration.md'), 'utf8');
const [common = '', ofProviders = ''] = guide.split('\n## Providers\n');

describe('docs/configuration.md says of each setting what its declaration says:', () => {
  for (const [name, setting] of Object.entries<Setting>(settings))
    test(name, () => judgeRow(`${common}${ofProviders.split('## Test scenarios')[1]}`, name, setting));
});

describe('docs/configuration.md says of each field of a provider what its declaration says:', () => {
  for (const [name, setting] of Object.entries<Setting>(providerFields))
    test(name, () => judgeRow(ofProviders.split('\n### ')[0] ?? '', name, setting));
});

/** The one row of a setting has its default in the second column; the last has its range, choices and options. */
function judgeRow(text: string, name: string, setting: Setting): void {
  const rows = text.split('\n').filter((line) => line.split('|')[1]?.includes(`\`${name}\``));
  assert.equal(rows.length, 1, `expected one row of ${name}`);
  const [, , preset = '', meaning = ''] = (rows[0] ?? '').split('|').map((cell) => cell.trim());
  const own = defaultText(setting);
  if (own === undefined) assert.doesNotMatch(preset, /`'|`\d/, 'has no default to be quoted');
  else assert.equal(preset, `\`${own}\``);
  judgeMeaning(meaning, setting);
}

function judgeMeaning(meaning: string, setting: Setting): void {
  const range = rangeText(setting);
  if (range !== undefined) assert.match(meaning, new RegExp(`\\b${range}\\b`, 'i'));
  const words = setting.kind === 'choice' ? setting.of : 'or' in setting ? [setting.or] : [];
  for (const word of words) assert.ok(meaning.includes(`'${word}'`), `does not say '${word}': ${meaning}`);
  if (setting.kind !== 'options') return;
  for (const [name, option] of Object.entries<Setting>(setting.fields as SettingTable)) {
    assert.match(meaning, new RegExp(`\\b${name}\\b`));
    const own = defaultText(option);
    if (own !== undefined)
      assert.ok(meaning.includes(own), `does not say ${name}'s default ${own}: ${meaning}`);
    judgeMeaning(meaning, option);
  }
}

test('models/config-input.ts is what `npm run settings` writes', () => {
  assert.equal(readFileSync(inputFile, 'utf8'), inputText());
});

test('jsonSchema() has every setting and every field, described, with its default', () => {
  const { properties } = jsonSchema() as { properties: Record<string, Record<string, unknown>> };
  const providers = properties['providers'] as { items: { properties: Record<string, unknown> } };
  const expected = (setting: Setting) => ({
    description: setting.docs,
    ...('default' in setting ? { default: setting.default } : {}),
  });
  const shown = ({ description, default: preset }: { description?: unknown; default?: unknown }) => ({
    description,
    ...(preset === undefined ? {} : { default: preset }),
  });
  for (const [name, setting] of Object.entries<Setting>(settings))
    assert.deepEqual(shown(properties[name] ?? {}), expected(setting), name);
  for (const [name, setting] of Object.entries<Setting>(providerFields))
    assert.deepEqual(shown(providers.items.properties[name] ?? {}), expected(setting), name);
  for (const name of ['providers', 'testScenarios'])
    assert.equal(typeof properties[name]?.['description'], 'string', name);
});

test('defaults are a configuration that says nothing new', () => {
  const providers = [{ id: 'a', interfaceName: 'eth1' }];
  const of = (input: unknown) => {
    const parsed = parseConfig(input, { file: '/x/config.ts' });
    return parsed.ok ? { ...parsed.config, open: undefined } : parsed.mistakes; // it says which were written
  };
  assert.deepEqual(of({ ...defaults, providers }), of({ providers }));
});

/** Of each kind one value at least: the types of the literals are those that follow from the declarations. */
const values: SettingValues = {
  reaction: 'calm',
  checkInterval: 250,
  startMetric: 7,
  requiredSuccessful: 'all',
  loss: { down: 0.2, up: 0.1 },
  rtt: { down: 400, up: 200 },
  failback: 'never',
  stickyProviderFilename: 'x',
  probeWhileSticky: false,
  frr: { pathspace: 'edge' },
  activeTableId: 7,
  routes: ['10.0.0.0/8'],
  connectionMarks: 'external',
  fwmarkMask: 0xff00,
  stickyClients: { by: 'source', timeout: 60_000 },
};
const ofProvider: ProviderValues = {
  ipv6Address: '2001:db8::1/64',
  tier: null,
  probeBudget: 500_000,
  onFailback: { kind: 'drain', afterMs: 600_000 },
  nameservers: ['gateway'],
};

test('reviewSettings() and reviewProvider() give what the types say', () => {
  const written = {
    ...values,
    checkInterval: '250ms',
    loss: { down: '20%', up: 0.1 },
    rtt: { down: 0.4, up: '200ms' },
    fwmarkMask: '0xff00',
    stickyClients: { by: 'source', timeout: '1m' },
  };
  assert.deepEqual(reviewSettings(written), { values, faults: [] });
  const fields = {
    ...ofProvider,
    ipv6Address: '2001:0db8::1/64',
    probeBudget: '500kB',
    onFailback: 'drain 10m',
  };
  assert.deepEqual(reviewProvider(fields), { values: ofProvider, faults: [] });
  const tried = [...Object.keys(values), ...Object.keys(ofProvider)];
  const all: SettingTable = { ...providerFields, ...settings };
  const untried = [...settingNames, ...providerFieldNames].filter((name) => !tried.includes(name));
  const of = (names: readonly string[]) => new Set(names.flatMap((name) => all[name]?.kind ?? []));
  assert.deepEqual(
    [...of(untried)].filter((kind) => !of(tried).has(kind)),
    [],
    'every kind is tried',
  );
});
