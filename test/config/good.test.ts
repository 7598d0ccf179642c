import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Config } from '../../models/config.ts';
import { plainProvider } from '../../models/plain-config.ts';
import { loadConfig } from '../../src/config/load/load.ts';
import { explain } from '../../src/config/mistake.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { programFolder } from '../../src/process/program.ts';

const folder = join(import.meta.dirname, 'good');

async function parsed(file: string): Promise<{ config: Config; warnings: readonly string[] }> {
  const loaded = await loadConfig(file);
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.message);
  const result = parseConfig(loaded.input, { file });
  assert.ok(result.ok, result.ok ? '' : result.mistakes.map(explain).join('\n'));
  return { config: result.config, warnings: result.warnings.map(explain) };
}

describe('loadConfig() and parseConfig() take every form', () => {
  for (const extension of ['json', 'yaml', 'toml'])
    test(`${extension} says the same as TypeScript`, async () => {
      const { config } = await parsed(join(folder, `design.${extension}`));
      assert.deepEqual(config, (await parsed(join(folder, 'design.ts'))).config);
    });

  for (const extension of ['json', 'yaml', 'toml'])
    test(`${extension} says the same as TypeScript, of every kind of scenario`, async () => {
      const { config, warnings } = await parsed(join(folder, `kinds.${extension}`));
      assert.deepEqual(config, (await parsed(join(folder, 'kinds.ts'))).config);
      assert.deepEqual(warnings, []);
      assert.deepEqual(
        config.testScenarios.map(({ name, families, timeoutMs }) => [name, families.join(' '), timeoutMs]),
        [
          ['ping one.one.example', '4 6', undefined],
          ['tcp example.com:443', '4 6', 2000],
          ['tcp [2001:db8::1]:22', '6', undefined],
          ['http https://gateway:9999/', '4 6', 3000],
          ['dns example.com AAAA @8.8.8.8', '4', undefined],
          ['neighbour', '4 6', 250],
          ['exec /usr/local/bin/check --quick', '4 6', undefined],
        ],
      );
      assert.deepEqual(config.nameservers, ['gateway', '9.9.9.9']);
      assert.deepEqual(config.providers[0]?.nameservers, ['2620:fe::fe']);
    });

  test('the ancestor of the README', async () => {
    const { config, warnings } = await parsed(join(folder, 's3-readme.ts'));
    assert.equal(config.checkIntervalMs, 5000);
    assert.equal(config.maxFailedChecks, 50);
    assert.equal(config.minConsecutiveSucceededChecks, 1);
    assert.equal(config.maxConsecutiveFailedChecks, 2, 'what the ancestor does not know keeps our default');
    assert.equal(config.stickyProviderFilename, join(folder, 'sticky.provider'));
    assert.deepEqual(config.providers[1], {
      id: 'isp2',
      interfaceName: 'eth2',
      tier: 1,
      weight: 1,
      enabled: true,
      rtTableId: 102,
      rtTableName: 'isp2',
      addressing: {
        4: { address: '10.10.2.1', network: '10.10.2.0/24', gateway: '10.10.2.254' },
        6: { address: 'auto', network: 'auto', gateway: 'auto' },
      },
      ...plainProvider,
      mark: 0x02000000,
      testScenarios: undefined,
    });
    assert.deepEqual(warnings, [
      'MAX_FAILED_CHECKS: can never be exceeded, as the window holds 50 results (maxStoredTestResultCount); other limits still apply (found 50)',
    ]);
  });

  test('the ancestor of the code', async () => {
    const { config, warnings } = await parsed(join(folder, 's3-code.ts'));
    assert.equal(config.checkIntervalMs, 300);
    assert.deepEqual(
      config.testScenarios.map(({ name }) => name),
      ['ping 8.8.8.8', 'ping 1.1.1.1'],
    );
    assert.equal(warnings[0], 'DEFAULT_SHELL_OPTIONS: has no meaning here, as no shell is used; remove it');
  });

  test('the ancestor in JSON', async () => {
    const { config } = await parsed(join(folder, 's3.json'));
    assert.deepEqual(config, (await parsed(join(folder, 's3-readme.ts'))).config);
  });

  test("an operator's own scenario", async () => {
    const { config } = await parsed(join(folder, 'own-scenario.mjs'));
    assert.equal(config.testScenarios[0]?.name, 'always');
  });

  test('classes with and without a name, functions, and classes derived from ours', async () => {
    const { config } = await parsed(join(folder, 'own-scenarios.ts'));
    assert.deepEqual(
      config.testScenarios.map(({ name, families }) => [name, families.join(' ')]),
      [
        ['ApiIsUp', '4'],
        ['vpnAnswers', '4 6'],
        ['http http://a.example/', '4 6'],
        ['http http://b.example/x', '4 6'],
      ],
    );
    assert.equal(config.testScenarios[2]?.constructor.name, 'Portal');
  });

  test('the sample beside the program', async () => {
    const { config, warnings } = await parsed(join(programFolder, 'config.ts'));
    assert.deepEqual(
      config.providers.map(({ id }) => id),
      ['fibre', 'lte'],
    );
    assert.deepEqual(warnings, []);
  });
});
