import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { dns, exec, type Probe, type Provider, TestScenario, tcp } from '../../models/config.ts';
import { isNotRun, type TestResult } from '../../models/test-result.ts';
import { run } from '../../src/kernel/exec.ts';
import { NameCache } from '../../src/reach/dns/name-cache.ts';
import { openSockets } from '../support/descriptors.ts';
import { ip } from '../support/ip.ts';
import { until } from '../support/until.ts';
import { type FarLab, farLab, type Through } from './far-lab.ts';

/** A scenario made of a function. */
class Own extends TestScenario {
  name = 'own';
  readonly #body: (probe: Probe) => unknown;

  constructor(body: (probe: Probe) => unknown) {
    super();
    this.#body = body;
  }

  runTest(_provider: Provider, probe: Probe): Promise<TestResult> {
    return this.#body(probe) as Promise<TestResult>; // what operators write is not always one
  }
}

describe('scenarios of an operator', () => {
  let lab: FarLab;
  before(async () => {
    lab = await farLab();
  });
  after(() => lab.end());

  const check = (body: (probe: Probe) => unknown, through: Through = {}) => lab.check(new Own(body), through);
  const soon = { timeoutMs: 400 };
  const passed = { ok: true, rttMs: 1 };

  test('connect() reads and writes, and a rejection that passes is the reason', async () => {
    const greeting = await check(async (probe) => {
      const connection = await probe.connect('gateway', 80);
      connection.write('GET / HTTP/1.0\r\n\r\n');
      let answer = '';
      for (let piece = 'x'; piece !== ''; answer += piece) piece = await connection.read();
      return answer.endsWith('hello from far1')
        ? { ok: true, rttMs: connection.rttMs }
        : { ok: false, reason: answer };
    });
    assert.equal(greeting.ok, true, JSON.stringify(greeting));
    const refused = await check(async (probe) => (await probe.connect('gateway', 81)) && passed);
    assert.deepEqual(refused, { ok: false, code: 'refused', reason: '10.1.1.2:81 refused the connection' });
  });

  test('fetch(), query() and exec() give what came', async () => {
    const seen: unknown[] = [];
    await check(async (probe) => {
      const { status, url, body } = await probe.fetch('http://gateway/500', { wantsBody: true });
      const { code, answers } = await probe.query('nothing.test');
      const outcome = await probe.exec(['sh', '-c', 'echo out; echo err >&2; kill -TERM $$']);
      seen.push(
        [status, url, body],
        [code, answers],
        [outcome.code, outcome.stdout, outcome.stderr, outcome.killed],
      );
      return passed;
    });
    assert.deepEqual(seen, [
      [500, 'http://gateway/500', 'broken'],
      ['NXDOMAIN', []],
      [143, 'out\n', 'err\n', false],
    ]);
  });

  test('resolve() asks once while an answer may be kept, and again after it', async () => {
    const names = new NameCache();
    const resolved = () =>
      check(async (probe) => ((await probe.resolve('counted.test')) === '10.1.1.2' ? passed : undefined), {
        names,
      });
    let count = 0;
    const counted = async () => {
      await check(async (probe) => {
        count = Number((await probe.query('count.test', { type: 'TXT' })).answers[0]);
        return passed;
      });
      return count;
    };
    assert.deepEqual(await resolved(), passed);
    const first = await counted();
    for (let i = 0; i < 5; i += 1) assert.deepEqual(await resolved(), passed);
    assert.equal(await counted(), first);
    await new Promise((resolve) => setTimeout(resolve, 1050)); // its time to live is 1 s
    assert.deepEqual(await resolved(), passed);
    assert.equal(await counted(), first + 1);
  });

  for (const [what, body, reason] of [
    ['throws', () => assert.fail('no luck'), 'could not run: no luck'],
    ['rejects', () => Promise.reject(new Error('no luck')), 'could not run: no luck'],
    ['hangs', () => new Promise(() => undefined), 'did not end by its deadline of 400 ms'],
    [
      'returns nonsense',
      () => 42,
      'could not run: it did not return { ok: true, rttMs } or { ok: false, reason }',
    ],
  ] as const)
    test(`one that ${what} is not run, and says so`, async () => {
      assert.deepEqual(await check(body, soon), { ok: false, code: 'not-run', reason });
    });

  test('one that blocks the process is not run, and says so', async () => {
    const result = await check(async () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
      return passed;
    });
    assert.match(result.ok ? '' : result.reason, /^it kept the whole process from working for 2\d\d ms/);
    assert.equal(result.ok ? undefined : result.code, 'not-run');
  });

  test('one that waits for nothing ends no process, and what it opened is closed', async () => {
    for (const port of [80, 81, 23]) {
      const result = await check((probe) => {
        void probe.connect('gateway', port).then((connection) => connection.read());
        void probe.connect('10.1.1.77', port);
        void probe.resolve('silent.test');
        return passed;
      });
      assert.deepEqual(result, passed);
    }
    await assertNoSockets();
  });

  test('one that leaves connections open until its deadline loses them', async () => {
    const result = await check(async (probe) => {
      for (let i = 0; i < 20; i += 1) await probe.connect('gateway', 23);
      await new Promise(() => undefined);
    }, soon);
    assert.equal(result.ok, false);
    await assertNoSockets();
  });

  test('one that leaves a promise of its own behind, which is then rejected, ends no process', async () => {
    const script = `import { reportUnhandledRejections } from './src/probes/rounds/unhandled-rejections.ts';
      import { failure } from './src/reach/reach-error.ts';
      reportUnhandledRejections((sentence) => console.log(sentence));
      void Promise.reject(failure('refused', 'refused'));
      setTimeout(() => {
        console.log('alive');
        void Promise.reject(new Error('forgotten'));
      }, 50);`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', script];
    const { code, stdout } = await run(process.execPath, args, { timeoutMs: 20_000 });
    assert.match(stdout, /^a scenario does not wait for what it began: refused\nalive\n/);
    assert.match(stdout, /something that nothing awaited failed, .*: Error: forgotten/);
    assert.equal(code, 0);
  });

  test('exec() kills the program and its children at the deadline, and those it leaves behind', async () => {
    const result = await check(async (probe) => {
      const { killed } = await probe.exec(['sh', '-c', 'sleep 7771 & sleep 7772; true']);
      return { ok: false, reason: killed ? 'killed' : 'not killed' };
    }, soon);
    assert.match(reasonOf(result), /^(killed|timed out after 400 ms while running sh)$/); // the latter on a busy machine
    await check(async (probe) => (await probe.exec(['sh', '-c', 'sleep 7773 & exit 0'])) && passed);
    for (const seconds of [7771, 7772, 7773])
      await until(() => !isRunning(`sleep ${seconds}`), `the end of sleep ${seconds}`);
  });

  test('close() of a runner ends what its scenarios have open', async () => {
    const scenarios = [exec(['sleep', '7774']), tcp('gateway', 23, { banner: 'x' }), dns('silent.test')];
    const runner = await lab.runner(scenarios);
    await until(() => isRunning('sleep 7774'), 'the program');
    runner.close();
    await until(() => !isRunning('sleep 7774'), 'its end');
    await assertNoSockets();
  });

  test('exec() does not wait for a child in a session of its own', async () => {
    const result = await check(
      async (probe) => (await probe.exec(['sh', '-c', 'setsid sleep 2 & sleep 0.1; exit 0'])) && passed,
    );
    assert.deepEqual(result, passed);
  });

  test('exec() says which program is missing', async () => {
    const result = await check(async (probe) => (await probe.exec(['/nonexistent/check'])) && passed);
    assert.deepEqual(result, { ok: false, code: 'not-run', reason: '/nonexistent/check is not installed' });
  });

  test('exec() tells the program which path to check', async () => {
    let said = '';
    const body = async (probe: Probe) => {
      said = (
        await probe.exec(['sh', '-c', 'env | grep ^FAILOVER_ | grep -v ^FAILOVER_RUN= | sort'], {
          env: { FAILOVER_X: 'y' },
        })
      ).stdout;
      return passed;
    };
    await check(body, { device: 'eth2', family: 6, timeoutMs: 4000 });
    assert.deepEqual(
      said
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('FAILOVER_OWN_NETWORK')),
      [
        'FAILOVER_ADDRESS=fd01::1',
        'FAILOVER_DEVICE=eth2',
        'FAILOVER_FAMILY=6',
        'FAILOVER_GATEWAY=fd01::2',
        'FAILOVER_MARK=',
        'FAILOVER_PROVIDER=fibre',
        'FAILOVER_TABLE=101',
        'FAILOVER_TIMEOUT_MS=4000',
        'FAILOVER_X=y',
      ],
    );
  });

  for (const { family, gateway, asked, table, match } of [
    { family: 4, gateway: '10.1.1.2', asked: 'ARP', table: 'arp', match: 'arp operation request' },
    {
      family: 6,
      gateway: 'fd01::2',
      asked: 'neighbour discovery',
      table: 'ip6',
      match: 'icmpv6 type nd-neighbor-solicit',
    },
  ] as const)
    test(`neighbour() in IPv${family} passes while the gateway answers ${asked}, and only then`, async () => {
      const ask = () => check((probe) => probe.neighbour(), { family, timeoutMs: 150 });
      assert.equal((await ask()).ok, true);
      await inFar(
        `add table ${table} t; add chain ${table} t i { type filter hook input priority 0; }; add rule ${table} t i ${match} drop`,
      );
      for (let i = 0; i < 3; i += 1) {
        const result = await ask();
        const expected = new RegExp(
          `^the gateway ${gateway} did not answer ${asked} on eth1 within \\d+ ms$`,
        );
        assert.match(reasonOf(result), expected);
      }
      await inFar(`delete table ${table} t`);
      assert.equal((await ask()).ok, true, 'at once when it is back');
      await ip(`neigh del ${gateway} dev eth1`);
      assert.equal((await ask()).ok, true, 'when the kernel knows nothing of it');
      await ip(`neigh replace ${gateway} dev eth1 lladdr 02:00:00:00:00:01 nud permanent`);
      const permanent = await ask();
      await ip(`neigh del ${gateway} dev eth1`);
      assert.match(reasonOf(permanent), /^not run: .* is a permanent neighbour on eth1/);
    });

  test('neighbour() says what cannot be asked', async () => {
    const asking = async (change: Through['change'] & object) =>
      reasonOf(await check((probe) => probe.neighbour(), { ...soon, change }));
    assert.equal(await asking({ gateway: undefined }), 'not run: eth1 has no IPv4 gateway to ask');
    assert.equal(
      await asking({ interfaceIndex: 999, interfaceName: 'eth9' }),
      'not run: interface eth9 is missing',
    );
    assert.match(
      await asking({ gateway: '10.1.1.99' }),
      /^the gateway 10\.1\.1\.99 did not answer ARP on eth1/,
    );
  });
});

/** Whether any process has this command line. */
function isRunning(command: string): boolean {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() === command;
    } catch {
      return false; // it has just ended
    }
  });
}

/** Runs `nft` on the far side of eth1. */
async function inFar(commands: string): Promise<void> {
  const { code, stderr } = await run('ip', ['netns', 'exec', 'far1', 'nft', commands]);
  assert.equal(code, 0, stderr);
}

function reasonOf(result: TestResult): string {
  return result.ok ? 'passed' : `${isNotRun(result) ? 'not run: ' : ''}${result.reason}`;
}

/** Waits until this process has no TCP and no UDP socket left. */
async function assertNoSockets(): Promise<void> {
  await until(
    () => openSockets().length === 0,
    () => `the closing of ${openSockets().join(', ')}`,
  );
}
