import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { check } from '../../src/commands/check.ts';
import { exampleSnapshot } from '../report/example.ts';
import { withDaemon } from './daemon.ts';

const folder = join(import.meta.dirname, '../config');

async function checked(options: { file?: string; json?: boolean; schema?: boolean }) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await check({
    ...options,
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('check()', () => {
  test('shows what holds, and where it comes from', async () => {
    const { code, out, err } = await checked({ file: join(folder, 'good/design.ts') });
    assert.equal(code, 0);
    assert.equal(err, '');
    assert.match(out, /^ {2}checkInterval +config +1s$/m);
    assert.match(out, /^ {2}minOutage +default +1s$/m);
    assert.match(out, /^ {2}rtTableId +config +101$/m);
    assert.match(out, /^ {2}rtTableName +from id +lte$/m);
    assert.match(out, /^ {2}gateway +default +auto$/m);
  });

  test('says which secrets are not set, and shows none', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'failover-check-')), 'config.json');
    const headers = { authorization: { secret: 'check-test', prefix: 'Bearer ' } };
    const testScenarios = [{ http: 'http://192.0.2.1/', headers }];
    await writeFile(file, JSON.stringify({ providers: [{ id: 'a', interfaceName: 'eth1' }], testScenarios }));
    try {
      assert.match(
        (await checked({ file })).out,
        /Worth a look:\n {2}testScenarios\[0\]\.headers\.authorization: cannot be used: the secret "check-test" is not set: sudo failover secret set check-test\n/,
      );
      process.env['FAILOVER_SECRET_CHECK_TEST'] = 'correct-horse';
      for (const json of [false, true]) {
        const { code, out } = await checked({ file, json });
        assert.equal(code, 0);
        assert.doesNotMatch(out, /not set|correct-horse/);
      }
    } finally {
      delete process.env['FAILOVER_SECRET_CHECK_TEST'];
      await rm(dirname(file), { recursive: true });
    }
  });

  test('says that a sticky file is ignored, and what the daemon that runs with the file remarks', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'failover-check-')), 'config.json');
    const sticky = join(dirname(file), 'sticky.provider');
    await writeFile(file, JSON.stringify({ providers: [{ id: 'fibre', interfaceName: 'eth1' }] }));
    try {
      for (const [content, remark] of [
        ['junk\n', /Worth a look:\n {2}The sticky file is ignored: no provider has the id "junk"\n/],
        ['fibre until tomorrow', /Worth a look:\n {2}The sticky file is ignored: \S+ says until "tomorrow"/],
      ] as const) {
        await writeFile(sticky, content);
        const { code, out } = await checked({ file });
        assert.equal(code, 0);
        assert.match(out, remark);
      }
      await writeFile(sticky, 'fibre\n');
      assert.doesNotMatch((await checked({ file })).out, /sticky file/);
      const remarks = ['No provider is reliable in IPv4: traffic goes through the best of them.'];
      const snapshot = () => exampleSnapshot({ configFile: file, remarks });
      await withDaemon({ snapshot }, async () => {
        assert.match((await checked({})).out, /Worth a look:\n {2}No provider is reliable in IPv4: /);
      });
    } finally {
      await rm(dirname(file), { recursive: true });
    }
  });

  test('shows a range once, and what interfaces found by pattern will be', async () => {
    const { code, out } = await checked({ file: join(folder, 'good/several.yaml') });
    assert.equal(code, 0);
    assert.deepEqual(out.match(/^(provider|each) .*$/gm), [
      'provider 1 of 201, and so on up to 200, which differ in gateway and table',
      'provider 201 of 201',
      'each interface that matches "wan*"',
      'each interface that matches "wwan?"',
    ]);
    assert.match(out, /^ {2}gateway +from gateways +192\.168\.1\.10$/m);
    assert.match(out, /^ {2}gateway +config +discover$/m);
    assert.match(out, /^ {2}gateway +config +peer$/m);
  });

  test('shows settings of several parts in words', async () => {
    const { code, out } = await checked({ file: join(folder, 'good/frr.json') });
    assert.equal(code, 0);
    assert.doesNotMatch(out, /object Object|undefined/);
    assert.match(out, /^ {2}backend +config +frr$/m);
    assert.match(out, /^ {2}frr +config +pathspace edge, tag 77$/m);
    assert.match(out, /^ {2}connectionMarks +config +external$/m);
    assert.match(out, /^ {2}downlinks +config +lan lan0; dmz dmz0$/m);
    assert.match(out, /^ {2}stickyClients +config +by source, timeout 5m$/m);
    assert.match(out, /^ {2}onFailback +config +drain 10m$/m);
  });

  test('shows warnings of a configuration that is valid', async () => {
    const { code, out } = await checked({ file: join(folder, 'good/s3-readme.ts') });
    assert.equal(code, 0);
    assert.match(out, /\n\nWorth a look:\n {2}MAX_FAILED_CHECKS: can never be exceeded.*\n\S+ is valid\.$/s);
  });

  test("takes the running daemon's file unless one is named, and says at the end which it was", async () => {
    const configFile = join(folder, 'good/design.ts');
    const other = join(folder, 'good/frr.json');
    const trial = { file: other, until: Date.now() + 60_000 };
    const last = (text: string) => text.split('\n').at(-1);
    const example = exampleSnapshot();
    await withDaemon({ snapshot: () => ({ ...example, configFile, trial: undefined }) }, async () => {
      assert.equal(last((await checked({})).out), `${configFile} is valid.`);
      assert.equal(last((await checked({ file: other })).out), `${other} is valid.`);
    });
    await withDaemon({ snapshot: () => ({ ...example, configFile, trial }) }, async () => {
      assert.equal(last((await checked({})).out), `${other} is valid.`);
    });
  });

  test('tells of every mistake and ends with EX_CONFIG', async () => {
    const { code, out, err } = await checked({ file: join(folder, 'mistakes/both-forms.json') });
    assert.equal(code, 78);
    assert.equal(out, '');
    assert.match(
      err,
      /both-forms\.json has 2 mistakes:\n {2}checkInterval: .*\n {2}providers\[0\]\.rtTableId: /,
    );
  });

  test('tells of a file that cannot be loaded', async () => {
    const { code, err } = await checked({ file: join(folder, 'none.ts') });
    assert.equal(code, 78);
    assert.match(err, /^failover: .*none\.ts does not exist/);
  });

  test('speaks JSON in every case', async () => {
    const right = await checked({ file: join(folder, 'good/design.ts'), json: true });
    const report = JSON.parse(right.out);
    assert.equal(report.ok, true);
    assert.equal(report.config.checkIntervalMs, 1000);
    assert.equal(report.sources['providers[1].rtTableId'], 'default');
    const wrong = await checked({ file: join(folder, 'mistakes/unknown-key.json'), json: true });
    assert.equal(wrong.code, 78);
    assert.equal(wrong.err, '');
    assert.deepEqual(JSON.parse(wrong.out).mistakes[0], {
      path: 'chekInterval',
      message: 'is not a setting; remove or correct it (all settings: docs/configuration.md)',
      found: "'1s'",
      nearest: 'checkInterval',
    });
    const missing = await checked({ file: join(folder, 'none.ts'), json: true });
    assert.equal(JSON.parse(missing.out).ok, false);
  });

  test('prints a JSON Schema with descriptions and defaults', async () => {
    const { code, out } = await checked({ schema: true });
    const schema = JSON.parse(out);
    assert.equal(code, 0);
    assert.equal(schema.properties.checkInterval.default, '1s');
    assert.equal(typeof schema.properties.minOutage.description, 'string');
    assert.deepEqual(schema.required, ['providers']);
    assert.equal(schema.additionalProperties, false);
    assert.deepEqual(schema.properties.providers.items.required, ['interfaceName']);
    assert.equal(schema.properties.providers.items.properties.weight.default, 1);
    const kinds = schema.properties.testScenarios.items.anyOf.map(
      (kind: { required: string[] }) => kind.required,
    );
    assert.deepEqual(kinds.flat(), ['ping', 'tcp', 'http', 'dns', 'mtu', 'neighbour', 'exec']);
  });
});
