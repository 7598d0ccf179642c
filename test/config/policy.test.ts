import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { loadConfig } from '../../src/config/load/load.ts';
import { explain } from '../../src/config/mistake.ts';
import { type Parsed, parseConfig } from '../../src/config/parse.ts';

const folder = join(import.meta.dirname, 'good');

async function parsed(name: string): Promise<Extract<Parsed, { ok: true }>> {
  const file = join(folder, name);
  const loaded = await loadConfig(file);
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.message);
  const result = parseConfig(loaded.input, { file });
  assert.ok(result.ok, result.ok ? '' : result.mistakes.map(explain).join('\n'));
  return result;
}

describe('weight, required and every', () => {
  for (const extension of ['json', 'yaml', 'toml'])
    test(`${extension} says the same as TypeScript`, async () => {
      const { config } = await parsed(`policy.${extension}`);
      assert.deepEqual(config, (await parsed('policy.ts')).config);
    });

  test('are what scenarios have, of every kind', async () => {
    const { config, warnings } = await parsed('policy.ts');
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      config.testScenarios.map(({ weight, required, everyMs, timeoutMs }) => [
        weight,
        required,
        everyMs,
        timeoutMs,
      ]),
      [
        [2, false, undefined, undefined],
        [1, false, 10_000, undefined],
        [1, true, 30_000, undefined],
        [3, false, 60_000, undefined],
        [1, true, undefined, undefined],
        [1, false, 300_000, 2000],
      ],
    );
    assert.equal(config.providers[1]?.requiredSuccessful, 'all');
    assert.equal(config.providers[1]?.probeBudget, 5_000_000);
    assert.ok(!('requiredSuccessful' in (config.providers[0] ?? {})));
  });
});

const providers = [{ id: 'fibre', interfaceName: 'eth1' }];
const warned = (input: Record<string, unknown>): readonly string[] => {
  const result = parseConfig({ providers, ...input }, { file: '/x/config.ts' });
  assert.ok(result.ok, result.ok ? '' : result.mistakes.map(explain).join('\n'));
  return result.warnings.map(explain);
};

test('parseConfig() warns of an interval that changes nothing, and of a family with nothing else', () => {
  assert.deepEqual(warned({ testScenarios: [{ ping: 'gateway' }, { ping: '1.1.1.1', every: 1 }] }), [
    "testScenarios[1].every: has no effect, as it is not longer than checkInterval (1s) (found '1s')",
  ]);
  assert.deepEqual(warned({ testScenarios: [{ ping: '1.1.1.1' }, { http: 'http://a.test/', every: 30 }] }), [
    'testScenarios: has nothing for IPv6 but scenarios with `every`: checks are 30s apart there, and a dead line is noticed late; add one without, such as a ping',
  ]);
});

test('scenarios of an operator have a weight, may be required, and have an interval', () => {
  const mine = {
    name: 'mine',
    families: [4],
    weight: 3,
    required: true,
    everyMs: 5000,
    runTest: () => undefined,
  };
  const plain = { name: 'plain', families: [4], runTest: () => undefined };
  const result = parseConfig({ providers, testScenarios: [mine, plain] }, { file: '/x/config.ts' });
  assert.ok(result.ok);
  assert.deepEqual(
    result.config.testScenarios.map(({ name, weight, required, everyMs }) => [
      name,
      weight,
      required,
      everyMs,
    ]),
    [
      ['mine', 3, true, 5000],
      ['plain', 1, false, undefined],
    ],
  );
});
