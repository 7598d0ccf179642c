import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../../../src/config/parse.ts';
import { defaults } from '../../../src/config/schema/defaults.ts';
import { jsonSchema, providerFieldNames, settingNames } from '../../../src/config/schema/schema.ts';
import { programFolder } from '../../../src/process/program.ts';

const guide = readFileSync(join(programFolder, 'docs/configuration.md'), 'utf8').replaceAll(/ +/g, ' ');

test('docs/configuration.md has every setting with its default', () => {
  const presets = new Map<string, unknown>(Object.entries(defaults));
  for (const name of settingNames) {
    const value = presets.get(name);
    const row = `| \`${name}\` | ${shownDefault(value)}`;
    assert.ok(guide.includes(row), `expected a row that begins ${row}`);
  }
  for (const name of [...providerFieldNames, 'testScenarios'])
    assert.match(guide, new RegExp(`^\\|.*\`${name}\`.*\\|.*\\|$`, 'm'));
});

/** What the guide's second column begins with; of what has no plain default it says in words what holds. */
function shownDefault(value: unknown): string {
  if (typeof value === 'string') return `\`'${value}'\` |`;
  return typeof value === 'object' && !Array.isArray(value) ? 'none |' : spelled(value);
}

function spelled(value: unknown): string {
  return value === undefined ? '' : `\`${[value].flat().join(', ')}\` |`;
}

test('jsonSchema() has every setting, described', () => {
  const properties = Object(jsonSchema()['properties']);
  for (const name of [...settingNames, 'providers', 'testScenarios'])
    assert.equal(typeof properties[name]?.description, 'string', name);
});

test('defaults are a configuration that says nothing new', () => {
  const providers = [{ id: 'a', interfaceName: 'eth1' }];
  const of = (input: unknown) => {
    const parsed = parseConfig(input, { file: '/x/config.ts' });
    return parsed.ok ? parsed.config : parsed.mistakes;
  };
  assert.deepEqual(of({ ...defaults, providers }), of({ providers }));
});
