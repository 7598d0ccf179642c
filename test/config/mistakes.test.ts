import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { loadConfig } from '../../src/config/load/load.ts';
import { explain } from '../../src/config/mistake.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { programFolder } from '../../src/process/program.ts';

const folder = join(import.meta.dirname, 'mistakes');
const fixtures = readdirSync(folder).filter((name) => !name.endsWith('.expected'));
const stem = (name: string) => name.slice(0, name.lastIndexOf('.'));

/** What an operator is told of a fixture: a line per mistake, without the places of this machine. */
async function told(name: string): Promise<string> {
  const file = join(folder, name);
  const loaded = await loadConfig(file, { timeoutMs: 2000 });
  const lines = (() => {
    if (!loaded.ok) return [loaded.message];
    const parsed = parseConfig(loaded.input, { file });
    return parsed.ok ? [] : parsed.mistakes.map(explain);
  })();
  return lines
    .map((line) => `${line.replaceAll(`${folder}/`, '').replaceAll(programFolder, 'PROGRAM')}\n`)
    .join('');
}

describe('parseConfig() tells of every mistake in exact words', () => {
  for (const name of fixtures)
    test(name, async () => {
      const twin = join(folder, `${stem(name)}.expected`);
      // Writes the messages anew after their wording changed; read the difference before committing it.
      if (process.env['UPDATE_EXPECTED'] === '1') writeFileSync(twin, await told(name));
      const expected = readFileSync(twin, 'utf8');
      assert.notEqual(expected, '', 'a fixture of a mistake must have one');
      assert.equal(await told(name), expected);
    });
});

test('fixtures of mistakes come in pairs, at least 30 of them', () => {
  const twins = readdirSync(folder).filter((name) => name.endsWith('.expected'));
  assert.deepEqual(twins.map(stem).sort(), fixtures.map(stem).sort());
  assert.equal(new Set(fixtures.map(stem)).size, fixtures.length, 'two fixtures must not share a name');
  assert.ok(fixtures.length >= 30);
});
