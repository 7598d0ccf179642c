import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { dns, http, neighbour, ping, tcp } from '../../models/config.ts';
import type { Family } from '../../models/path.ts';
import type { TestScenario } from '../../models/test-scenario.ts';
import { run } from '../../src/kernel/exec.ts';
import { attemptBytes, connectionBytes, echoBytes } from '../../src/reach/wire-bytes.ts';
import { type FarLab, farLab } from '../probes/far-lab.ts';

const ca = new URL('../probes/certificates/ca.pem', import.meta.url).pathname;
const ethernetHeader = 14;
const runs = 10;

test('echoBytes() is what the kernel sends for a ping', () => {
  assert.equal(echoBytes(4, 56), 84);
  assert.equal(echoBytes(6, 56), 104);
  assert.equal(echoBytes(4, 3000), 3008 + 3 * 20, 'in three fragments');
});

test('attemptBytes() counts the SYNs that are sent again', () => {
  assert.deepEqual(
    [500, 1500, 3500].map((ms) => attemptBytes(4, ms)),
    [60, 120, 180],
  );
});

test('connectionBytes() grows with what is read and written', () => {
  const bare = connectionBytes(4, { read: 0, written: 0 });
  assert.ok(connectionBytes(4, { read: 10_000, written: 100 }) > bare + 10_100);
});

describe('bytes are counted as they go over the wire', () => {
  let lab: FarLab;
  before(async () => {
    lab = await farLab();
  });
  after(() => lab.end());

  /** Whole IP packets, and ARP, that eth1 has sent and received. */
  async function counted(): Promise<number> {
    const { stdout } = await run('ip', ['-j', '-s', 'link', 'show', 'dev', 'eth1']);
    const { rx, tx } = JSON.parse(stdout)[0].stats64;
    return rx.bytes + tx.bytes - ethernetHeader * (rx.packets + tx.packets);
  }

  async function compare(
    scenario: TestScenario,
    family: Family,
  ): Promise<{ wire: number; estimate: number }> {
    let estimate = 0;
    const through = {
      family,
      spend: (bytes: number) => {
        estimate += bytes;
      },
    };
    await lab.check(scenario, { family }); // who the neighbours are
    await sleep(100);
    const start = await counted();
    for (let i = 0; i < runs; i += 1) assert.ok((await lab.check(scenario, through)).ok, scenario.name);
    await sleep(100); // for the last to say goodbye
    return { wire: (await counted()) - start, estimate };
  }

  const resolving: readonly TestScenario[] = [http('https://web.test/', { ca }), dns('web.test')];
  const kinds: readonly TestScenario[] = [
    ping('gateway'),
    ping('gateway', { size: 1400 }),
    tcp('gateway', 80),
    tcp('gateway', 443, { tls: { insecure: true } }),
    tcp('gateway', 22, { banner: 'SSH' }),
    http('http://gateway/'),
    http('http://gateway/', { body: 'hello' }),
    neighbour(),
  ];
  for (const family of [4, 6] as const) {
    // The far side's DNS answers IPv6 from another address than it was asked at: nobody hears that.
    for (const scenario of family === 4 ? [...kinds, ...resolving] : kinds) {
      test(`${scenario.name} ${JSON.stringify(Object.keys(Object(scenario).options))} over IPv${family}`, async (t) => {
        const { wire, estimate } = await compare(scenario, family);
        t.diagnostic(`${estimate / runs} bytes estimated, ${wire / runs} counted`);
        const off = Math.abs(estimate - wire) / wire;
        assert.ok(off < 0.15, `estimated ${estimate / runs} bytes, the kernel counted ${wire / runs}`);
      });
    }
  }
});
