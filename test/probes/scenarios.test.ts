import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { dns, exec, http, mtu, neighbour, ping, secret, tcp } from '../../models/config.ts';
import { isNotRun, type TestResult } from '../../models/test-result.ts';
import type { TestScenario } from '../../models/test-scenario.ts';
import { OwnScenario } from '../../src/config/schema/own-scenario.ts';
import { run } from '../../src/kernel/exec.ts';
import { openDescriptors, openedSince } from '../support/descriptors.ts';
import { until } from '../support/until.ts';
import { devices, type FarLab, farLab, type Through } from './far-lab.ts';

const ca = new URL('certificates/ca.pem', import.meta.url).pathname;
const future = new URL('certificates/not-yet-valid.pem', import.meta.url).pathname; // its own authority

/** A scenario, and the whole reason it must fail with; `pass` when it must not. */
type Case = readonly [TestScenario, RegExp | 'pass' | string, Through?];

describe('scenarios against real servers', () => {
  let lab: FarLab;
  before(async () => {
    lab = await farLab();
    await lab.check(http('https://web.test/', { ca })); // loads what is loaded on first use: some checks have 1 s
  });
  after(() => lab.end());

  async function assertAll(cases: readonly Case[]): Promise<void> {
    const results = await Promise.all(
      cases.map(async ([scenario, expected, through]) => ({
        scenario,
        expected,
        result: await checked(scenario, through),
      })),
    );
    for (const { scenario, expected, result } of results) assertResult(scenario.name, result, expected);
  }

  /** A busy machine lets this process stand still past a deadline: that check found nothing out, and is made again. */
  async function checked(scenario: TestScenario, through?: Through): Promise<TestResult> {
    for (let more = 5; ; more -= 1) {
      const result = await lab.check(scenario, through);
      const isStall = !result.ok && (result.code === 'stalled' || /by its deadline/.test(result.reason));
      if (!isStall || more === 0) return result;
    }
  }

  const six = { family: 6 } as const;
  const soon = { timeoutMs: 1000 } as const;

  test('tcp() passes, and says why it does not', () =>
    assertAll([
      [tcp('10.1.1.2', 80), 'pass'],
      [tcp('fd01::2', 80), 'pass', six],
      [tcp('fe80::2', 80), 'pass', six],
      [tcp('gateway', 80), 'pass'],
      [tcp('gateway', 80), 'pass', six],
      [tcp('web.test', 80), 'pass'],
      [tcp('web.test', 80), 'pass', six],
      [tcp('two.test', 80), 'timed out after 1000 ms while connecting to two.test:80 (10.1.1.3)', soon],
      [tcp('10.1.1.2', 81), '10.1.1.2:81 refused the connection'],
      [tcp('fd01::2', 81), '[fd01::2]:81 refused the connection', six],
      [tcp('web.test', 81), 'web.test:81 (10.1.1.2) refused the connection'],
      [tcp('fallback.test', 80), 'pass'],
      [tcp('10.1.1.5', 80), '10.1.1.5:80 cannot be reached through eth1: host unreachable'],
      [tcp('fd01::5', 80), '[fd01::5]:80 cannot be reached through eth1: host unreachable', six],
      [tcp('10.1.1.6', 80), 'timed out after 1000 ms while connecting to 10.1.1.6:80', soon],
      [tcp('fd01::6', 80), 'timed out after 1000 ms while connecting to [fd01::6]:80', { ...six, ...soon }],
      [tcp('2001:db8::1', 80), 'no route to [2001:db8::1]:80 through eth1', six],
      [tcp('10.1.1.2', 22, { banner: /^SSH-2\.0-/ }), 'pass'],
      [tcp('10.1.1.2', 22, { banner: 'far1' }), 'pass'],
      [tcp('10.1.1.2', 22, { banner: '220 ' }), 'it sent "SSH-2.0-far1\\r\\n" instead of "220 "', soon],
      [
        tcp('10.1.1.2', 23, { banner: '220 ' }),
        'timed out after 1000 ms while waiting for 10.1.1.2:23 to send something',
        soon,
      ],
      [tcp('10.1.1.2', 24, { banner: '220 ' }), 'it sent nothing instead of "220 "'],
      [tcp('10.1.1.2', 25, { banner: '220 ' }), /^10\.1\.1\.2:25 reset the connection/],
    ]));

  test('tcp() with TLS passes, and says why it does not', () =>
    assertAll([
      [tcp('web.test', 443, { tls: { ca } }), 'pass'],
      [tcp('web.test', 443, { tls: { ca } }), 'pass', six],
      [tcp('10.1.1.2', 443, { tls: { ca } }), 'pass'],
      [tcp('gateway', 443, { tls: { ca } }), 'pass', six],
      [tcp('gateway', 443, { tls: { ca, serverName: 'web.test' } }), 'pass'],
      [tcp('10.1.1.2', 8445, { tls: { insecure: true } }), 'pass'],
      [tcp('10.1.1.2', 443, { tls: true }), /^the certificate of 10\.1\.1\.2:443 is signed by an authority/],
      [
        tcp('web.test', 8443, { tls: { ca } }),
        /^the certificate of web\.test:8443 \(10\.1\.1\.2\) has expired$/,
      ],
      [
        tcp('web.test', 8444, { tls: { ca } }),
        'the certificate of web.test:8444 (10.1.1.2) is for another name than web.test: DNS:other.test',
      ],
      [
        tcp('10.1.1.2', 8446, { tls: { ca: future } }),
        'the certificate of 10.1.1.2:8446 is not valid yet: is the clock of this machine right?',
      ],
      [tcp('10.1.1.2', 8445, { tls: { ca } }), 'the certificate of 10.1.1.2:8445 is self-signed'],
      [tcp('10.1.1.2', 22, { tls: { ca } }), /^10\.1\.1\.2:22 did not agree on TLS: wrong version number$/],
      [
        tcp('10.1.1.2', 23, { tls: { ca } }),
        'timed out after 1000 ms while negotiating TLS with 10.1.1.2:23',
        soon,
      ],
      [
        tcp('10.1.1.2', 24, { tls: { ca } }),
        /^10\.1\.1\.2:24 (closed|reset) the connection while negotiating TLS/,
      ],
      [tcp('10.1.1.2', 25, { tls: { ca } }), /^10\.1\.1\.2:25 reset the connection/],
      [
        tcp('10.1.1.2', 443, { tls: { ca: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----' } }),
        /^not run: the certificates given as ca cannot be used: /,
      ],
      [
        tcp('10.1.1.2', 443, { tls: { ca: '/nonexistent.pem' } }),
        /^not run: the certificate file .* ENOENT$/,
      ],
    ]));

  test('http() passes, and says why it does not', () =>
    assertAll([
      [http('http://10.1.1.2/'), 'pass'],
      [http('http://[fd01::2]/'), 'pass', six],
      [http('http://gateway:9999/'), 'pass'],
      [http('http://gateway:9999/'), 'pass', six],
      [http('https://web.test/', { ca, body: 'hello from far1' }), 'pass'],
      [http('https://web.test/', { ca, body: /^hello/ }), 'pass', six],
      [http('https://10.1.1.2:8445/', { insecure: true }), 'pass'],
      [http('https://gateway:8444/', { ca, host: 'other.test' }), 'pass'],
      [http('http://web.test/204', { status: 204 }), 'pass'],
      [http('http://web.test/500', { status: [500, 503] }), 'pass'],
      [http('http://web.test/same', { followRedirects: true, body: 'hello' }), 'pass'],
      [http('http://10.1.1.2/echo', { method: 'POST', body: '"method":"POST"' }), 'pass'],
      [http('http://10.1.1.2/echo', { headers: { 'X-Test': 'yes' }, body: '"x-test":"yes"' }), 'pass'],
      [http('http://10.1.1.2/echo', { host: 'a.test', body: '"host":"a.test"' }), 'pass'],
      [http('http://gateway:9999/echo', { body: '"host":"10.1.1.2:9999"' }), 'pass'],
      [http('http://u:p@10.1.1.2/echo', { body: '"authorization":"Basic dTpw"' }), 'pass'],
      [http('http://10.1.1.2/', { method: 'HEAD' }), 'pass'],
      [http('http://10.1.1.2/500'), 'status 500 instead of 2xx'],
      [http('http://10.1.1.2/none'), 'status 404 instead of 2xx'],
      [http('http://10.1.1.2/204', { status: 200 }), 'status 204 instead of 200'],
      [http('http://10.1.1.2/', { status: 204 }), 'status 200 instead of 204: captive portal'],
      [http('http://10.1.1.2/511'), /^status 511 .*captive portal$/],
      [http('http://10.1.1.2/login'), 'status 302 to http://login.portal.test/?from=x: captive portal'],
      [http('http://10.1.1.2/same'), /^status 301 to http:\/\/10\.1\.1\.2\/ instead of 2xx: ask there/],
      [
        http('http://10.1.1.2/loop', { followRedirects: true }),
        'http://10.1.1.2/loop redirects more than 5 times',
      ],
      [
        http('http://10.1.1.2/', { body: 'bye' }),
        'the body does not contain "bye", it begins "hello from far1"',
      ],
      [
        http('http://10.1.1.2/silent'),
        'timed out after 1000 ms while waiting for the headers of 10.1.1.2:80',
        soon,
      ],
      [
        http('http://10.1.1.2/half', { body: 'the rest' }),
        'timed out after 1000 ms while reading the body from 10.1.1.2:80',
        soon,
      ],
      [http('http://10.1.1.2/hangup'), /^10\.1\.1\.2:80 closed the connection while waiting for the headers/],
      [http('http://10.1.1.2/reset'), /^10\.1\.1\.2:80 reset the connection while waiting for the headers/],
      [http('http://10.1.1.2:26/'), /^10\.1\.1\.2:26 did not answer in HTTP: /],
      [http('http://10.1.1.2:81/'), '10.1.1.2:81 refused the connection'],
      [http('http://10.1.1.6/'), 'timed out after 1000 ms while connecting to 10.1.1.6:80', soon],
      [http('https://web.test:8443/', { ca }), /has expired/],
      [
        http('https://10.1.1.2:23/', { ca }),
        'timed out after 1000 ms while negotiating TLS with 10.1.1.2:23',
        soon,
      ],
    ]));

  test('dns() passes, and says why it does not', () =>
    assertAll([
      [dns('web.test', { server: '10.1.1.2' }), 'pass'],
      [dns('web.test', { server: 'fd01::2', type: 'AAAA', expect: 'FD01::2' }), 'pass', six],
      [dns('web.test', { server: 'gateway', expect: ['10.1.1.2', '10.1.1.3'] }), 'pass'],
      [dns('web.test'), 'pass', { nameservers: ['10.1.1.77', '10.1.1.2'] }],
      [dns('side.test', { type: 'TXT', expect: 'far1' }), 'pass'],
      [dns('long.test', { type: 'TXT' }), 'pass'],
      [dns('tcp-only.test'), 'pass', soon],
      [dns('nothing.test', { expect: 'NXDOMAIN' }), 'pass'],
      [dns('nothing.test'), '10.1.1.2 says that nothing.test (A) does not exist (NXDOMAIN)'],
      [dns('nothing.test'), 'fd01::2 says that nothing.test (A) does not exist (NXDOMAIN)', six],
      [dns('servfail.test'), '10.1.1.2 answered SERVFAIL for servfail.test (A)'],
      [dns('refused.test', { server: '10.1.1.2' }), '10.1.1.2 answered REFUSED for refused.test (A)'],
      [dns('empty.test'), '10.1.1.2 has no record for empty.test (A)'],
      [
        dns('lie.test', { expect: '10.1.1.2' }),
        '10.1.1.2 lies about lie.test (A): it answered 6.6.6.6 instead of 10.1.1.2',
      ],
      [dns('lie.test', { expect: 'NXDOMAIN' }), /^10\.1\.1\.2 lies about lie\.test .* instead of NXDOMAIN$/],
      [
        dns('silent.test'),
        'timed out after 1000 ms while waiting for 10.1.1.2 to answer for silent.test (A)',
        soon,
      ],
      [dns('stranger.test'), '10.1.1.2 sent something over TCP that does not answer the question', soon],
      [dns('web.test', { server: '10.1.1.77' }), /^timed out after 1000 ms while /, soon],
      [
        dns('web.test', { server: '10.1.1.5' }),
        '10.1.1.5:53 cannot be reached through eth1: host unreachable',
        { timeoutMs: 2000 }, // over UDP it waits to the end
      ],
      [dns('web.test', { server: '10.1.1.4' }), '10.1.1.4 has no DNS server: it refused the question'],
      [
        dns('web.test'),
        /^not run: there is no IPv6 nameserver to ask/,
        { ...six, nameservers: ['10.1.1.2'] },
      ],
    ]));

  test('dns() is answered over UDP in both families', async () => {
    for (const family of [4, 6] as const) {
      const result = await lab.check(dns('web.test', { type: family === 4 ? 'A' : 'AAAA' }), {
        family,
        timeoutMs: 10_000,
      });
      assert.ok(result.ok && result.rttMs < 5000, JSON.stringify(result)); // TCP begins at half the time
    }
  });

  test('secrets arrive where they are used, and are not in what comes back', async () => {
    process.env['FAILOVER_SECRET_PORTAL'] = 'correct-horse';
    process.env['CREDENTIALS_DIRECTORY'] = '/nonexistent';
    const portal = secret('portal');
    const authorization = secret('portal', { prefix: 'Bearer ' });
    const url = 'http://10.1.1.2/echo';
    const script = 'test "$TOKEN" = correct-$HORSE || { echo "$TOKEN is wrong" >&2; exit 3; }';
    const run = (env: Record<string, string>) =>
      exec(['sh', '-c', script], { env: { TOKEN: portal, ...env } });
    try {
      await assertAll([
        [http(url, { headers: { authorization }, body: '"authorization":"Bearer (secret portal)"' }), 'pass'],
        [
          http(url, {
            headers: { authorization: secret('portal', { user: 'u' }) },
            body: '"Basic (secret portal)"',
          }),
          'pass',
        ],
        [run({ HORSE: 'horse' }), 'pass'],
        [run({ HORSE: 'cow' }), 'exit status 3: (secret portal) is wrong'],
        [exec(['sh', '-c', 'test -z "$FAILOVER_SECRET_PORTAL$CREDENTIALS_DIRECTORY"']), 'pass'],
        [http(url, { headers: { authorization: secret('none') } }), unset('none')],
        [exec(['true'], { env: { TOKEN: secret('none') } }), unset('none')],
        [exec(['true'], { env: { TOKEN: secret('../etc/shadow') } }), /^not run: "..\/etc\/shadow" must be/],
      ]);
    } finally {
      delete process.env['FAILOVER_SECRET_PORTAL'];
      delete process.env['CREDENTIALS_DIRECTORY'];
    }
  });

  test('deviceMtu is the one of the family', async () => {
    const told = new OwnScenario('mtu', {
      runTest: async (_, { deviceMtu }) => ({ ok: false, reason: String(deviceMtu) }),
    });
    await run('sysctl', ['-w', 'net.ipv6.conf.eth1.mtu=1400']); // as a router's advertisement does
    try {
      await assertAll([
        [told, '1500'],
        [told, '1400', six],
        [mtu('fd01::2'), 'pass', six],
      ]);
    } finally {
      await run('sysctl', ['-w', 'net.ipv6.conf.eth1.mtu=1500']);
    }
  });

  test('mtu() passes, and says when it is the size that does not', () =>
    assertAll([
      [mtu('10.1.1.2'), 'pass'],
      [mtu('fd01::2'), 'pass', six],
      [mtu('gateway'), 'pass'],
      [mtu('web.test', { size: 1400 }), 'pass', six],
      [mtu('10.1.1.2', { size: 1501 }), 'a packet of 1501 bytes does not get to 10.1.1.2, a small one does'],
      [
        mtu('fd01::2', { size: 1501 }),
        'a packet of 1501 bytes does not get to fd01::2, a small one does',
        six,
      ],
      [mtu('10.1.1.77'), /^no answer within \d+ ms$/, soon],
      [mtu('nothing.test'), 'nothing.test does not exist, says 10.1.1.2 (NXDOMAIN)'],
    ]));

  test('names are resolved through the provider, and the reason says when they cannot be', () =>
    assertAll([
      [ping('web.test'), 'pass'],
      [ping('web.test'), 'pass', six],
      [ping('nothing.test'), 'nothing.test does not exist, says 10.1.1.2 (NXDOMAIN)'],
      [tcp('nothing.test', 80), 'nothing.test does not exist, says 10.1.1.2 (NXDOMAIN)'],
      [http('http://servfail.test/'), 'servfail.test cannot be resolved: 10.1.1.2 answered SERVFAIL'],
      [
        ping('silent.test'),
        /^silent\.test cannot be resolved: timed out after 1000 ms while waiting for 10/,
        soon,
      ],
      [ping('web.test'), /^web\.test cannot be resolved: timed out/, { ...soon, nameservers: ['10.1.1.77'] }],
      [tcp('four.test', 80), 'not run: four.test has no IPv6 address', six],
      [ping('four.test'), 'pass'],
    ]));

  test('two providers with the same local address and gateway are told apart, with every kind', async () => {
    for (const device of devices) {
      const [side, other] = device === 'eth1' ? ['far1', 'far2'] : ['far2', 'far1'];
      for (const family of [4, 6] as const) {
        const through = { device, family };
        await assertAll([
          [tcp('gateway', 22, { banner: `SSH-2.0-${side}` }), 'pass', through],
          [http('http://gateway/', { body: `hello from ${side}` }), 'pass', through],
          [http('https://web.test/', { ca, body: `hello from ${side}` }), 'pass', through],
          [dns('side.test', { type: 'TXT', expect: side }), 'pass', through],
          [dns('side.test', { type: 'TXT', expect: other }), new RegExp(`it answered ${side}`), through],
          [ping('gateway'), 'pass', through],
          [ping('web.test'), 'pass', through],
          [neighbour(), 'pass', through],
          [exec(['sh', '-c', `test $FAILOVER_DEVICE = ${device}`]), 'pass', through],
        ]);
      }
    }
  });

  test('a device that is missing, and an address that is gone, are not failures of the provider', () =>
    assertAll(
      [tcp('10.1.1.2', 80), http('http://10.1.1.2/'), dns('web.test')].flatMap((scenario) => [
        [scenario, 'not run: interface eth9 is missing', { change: { interfaceName: 'eth9' } }] as const,
        [
          scenario,
          'not run: address 10.9.9.9 is gone from eth1',
          { change: { address: '10.9.9.9' } },
        ] as const,
      ]),
    ));

  test('no descriptor is left, whatever the end', async () => {
    const scenarios = [
      tcp('10.1.1.2', 80),
      tcp('10.1.1.2', 81),
      tcp('10.1.1.6', 80),
      tcp('10.1.1.2', 23, { tls: true }),
      tcp('10.1.1.2', 443, { tls: { ca } }),
      tcp('10.1.1.2', 443, { tls: true }),
      tcp('10.1.1.2', 25, { banner: 'x' }),
      http('http://web.test/'),
      http('https://web.test/', { ca }),
      http('http://10.1.1.2/silent'),
      http('http://10.1.1.2/half', { body: 'x' }),
      http('http://10.1.1.2/same', { followRedirects: true }),
      dns('web.test'),
      dns('long.test', { type: 'TXT' }),
      dns('silent.test'),
      neighbour(),
      exec(['true']),
      exec(['sleep', '60']),
    ];
    const round = (timeoutMs: number) =>
      Promise.all(scenarios.map((scenario) => lab.check(scenario, { timeoutMs })));
    await round(3000); // what is opened once and stays is opened here, also on a busy machine
    const before = openDescriptors();
    for (const timeoutMs of [1, 3, 10, 30, 75, 150, 150, 150, 150, 150]) await round(timeoutMs);
    await until(
      () => openedSince(before).length === 0,
      () => `the closing of ${openedSince(before).join(', ')}`,
    );
  });
});

function unset(name: string): string {
  return `not run: the secret "${name}" is not set: sudo failover secret set ${name}`;
}

function assertResult(name: string, result: TestResult, expected: RegExp | string): void {
  const said = result.ok ? 'pass' : `${isNotRun(result) ? 'not run: ' : ''}${result.reason}`;
  if (typeof expected === 'string') assert.equal(said, expected, name);
  else assert.match(said, expected, name);
}
