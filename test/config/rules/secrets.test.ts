import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConfigInput, exec, http, secret } from '../../../models/config.ts';
import { explain } from '../../../src/config/mistake.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import { secretReferences } from '../../../src/config/secret-references.ts';

const providers = [{ id: 'fibre', interfaceName: 'eth1' }];

function good(input: Partial<ConfigInput>) {
  const parsed = parseConfig({ providers, ...input }, { file: '/x/config.ts' });
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.mistakes.map(explain).join('\n'));
  return parsed;
}

/** Places of the remarks; the values must not be in them. */
function remarks(scenario: Exclude<ConfigInput['testScenarios'], undefined>[number]): readonly string[] {
  const texts = good({ testScenarios: [scenario] }).warnings.map(explain);
  for (const text of texts) assert.doesNotMatch(text, /hunter2/);
  return texts.map((text) => text.split(': ')[0] ?? '');
}

const at = (place: string) => [`testScenarios[0].${place}`];

test('a password or token in the configuration is a remark that does not show it', () => {
  assert.deepEqual(remarks({ http: 'http://u:hunter2@a.example/' }), at('http'));
  assert.deepEqual(remarks({ http: 'http://a.example/?api_key=hunter2&x=1' }), at('http'));
  for (const name of ['Authorization', 'X-Auth-Token', 'x-api-key', 'Cookie', 'X-Password'])
    assert.deepEqual(
      remarks(http('http://a.example/', { headers: { [name]: 'hunter2', accept: 'text/html' } })),
      at(`headers.${name}`),
    );
  assert.deepEqual(
    remarks(exec(['/bin/x'], { env: { SMTP_PASSWORD: 'hunter2', LIMIT: '5' } })),
    at('env.SMTP_PASSWORD'),
  );
  assert.deepEqual(remarks({ exec: ['/bin/x', '--password=hunter2'] }), at('exec[1]'));
  assert.deepEqual(remarks({ exec: ['/bin/x', '--token', 'hunter2'] }), at('exec[1]'));
});

test('what is no password is no remark', () => {
  assert.deepEqual(remarks({ http: 'http://a.example/?q=monkey&page=2', headers: { accept: 'x' } }), []);
  assert.deepEqual(remarks({ exec: ['/bin/x', '--no-token'], env: { KEYBOARD: 'de' } }), []);
  assert.deepEqual(remarks({ exec: ['/opt/password', '-v'] }), []);
  const authorization = { secret: 'portal' };
  assert.deepEqual(remarks({ http: 'http://a.example/', headers: { authorization } }), []);
});

test('a provider has its own', () => {
  const own = { ...providers[0], testScenarios: [{ http: 'http://u:hunter2@a.example/' }] };
  const { warnings } = good({ providers: [own as ConfigInput['providers'][number]] });
  assert.deepEqual(
    warnings.map(({ path }) => path),
    ['providers[0].testScenarios[0].http'],
  );
});

test('a secret stays a name in what is parsed, however it is written', () => {
  const headers = { authorization: { secret: 'portal', prefix: 'Bearer ' } };
  const plain = good({ testScenarios: [{ http: 'http://a.example/', headers }] });
  const typed = good({
    testScenarios: [
      http('http://a.example/', { headers: { authorization: secret('portal', { prefix: 'Bearer ' }) } }),
    ],
  });
  assert.deepEqual(plain.config, typed.config);
  const [scenario] = plain.config.testScenarios;
  assert.deepEqual(JSON.parse(JSON.stringify(scenario)).options, { headers });
});

test('secretReferences() finds those of all scenarios of ours', () => {
  const authorization = secret('portal');
  const { config } = good({
    providers: [
      ...providers,
      {
        id: 'lte',
        interfaceName: 'wwan0',
        testScenarios: [exec(['x'], { env: { A: 'b', C: secret('sim') } })],
      },
    ],
    testScenarios: [{ ping: '1.1.1.1' }, { http: 'http://a.example/', headers: { authorization } }],
  });
  assert.deepEqual(secretReferences(config), [
    { path: 'testScenarios[1].headers.authorization', name: 'portal' },
    { path: 'providers[1].testScenarios[0].env.C', name: 'sim' },
  ]);
});
