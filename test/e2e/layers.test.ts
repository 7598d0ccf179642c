/** Each layer of a path is broken in turn; the decision, `status`, `why` and `test` must name it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, beforeEach, describe, test } from 'node:test';
import type { Decision } from '../../models/decision.ts';
import type { Layer } from '../../models/layer.ts';
import { type Family, families } from '../../models/path.ts';
import { startInside } from '../../src/lab/namespace.ts';
import { nodeCommand } from '../../src/process/program.ts';
import { openScene, type Scene } from './scene.ts';

const portal = new URL('./portal.ts', import.meta.url).pathname;
const servers: { kill(signal: 'SIGKILL'): boolean }[] = [];

async function serve(namespace: string, ...args: readonly string[]): Promise<void> {
  const server = startInside(namespace, [...nodeCommand(portal), ...args]);
  servers.push(server);
  await once(server.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
}

const targets = { 4: '1.1.1.1', 6: '2606:4700:4700::1111' } as const;

/** A ping that must pass, a name and a page that must be right: all of them, so that each can break a path. */
const testScenarios = [
  { ping: targets[4] },
  { ping: targets[6] },
  { dns: 'name.test', server: targets[4], expect: '192.0.2.1', timeout: '500ms' },
  { dns: 'name.test', server: targets[6], expect: '192.0.2.1', timeout: '500ms' },
  { http: `http://${targets[4]}/`, status: 204, timeout: '500ms' },
  { http: `http://[${targets[6]}]/`, status: 204, timeout: '500ms' },
];

const scene: Scene = await openScene({
  settings: { requiredSuccessful: 'all', minOutage: '600ms' },
  config: (lab) => lab.config({ testScenarios }),
  prepare: async () => {
    await serve('internet', `::ffff:${targets[4]}`, targets[6]);
    await serve('fibre');
  },
});
const { lab } = scene;
after(async () => {
  for (const server of servers) server.kill('SIGKILL');
  await scene.close();
});

async function nft(...rules: readonly string[]): Promise<void> {
  await lab.run('fibre', ['nft', '-f', '-'], `${rules.join('\n')}\n`);
}

/** Runs a command; with time enough on a busy machine. */
const cli = (...args: readonly string[]) => lab.cli(args, { timeoutMs: 60_000 });

/** Packets that fibre does not forward. */
const swallow = (match: string) =>
  nft(
    'add table inet layers',
    'add chain inet layers forward { type filter hook forward priority 0; }',
    `add rule inet layers forward ${match} drop`,
  );

/** Packets that a server of fibre's own gets. */
const divert = (match: string, port: number) =>
  nft(
    'add table inet layers',
    'add chain inet layers pre { type nat hook prerouting priority dstnat; }',
    `add rule inet layers pre iifname customer ${match} redirect to :${port}`,
  );

const forget = () => nft('add table inet layers', 'delete table inet layers');

interface Break {
  readonly layer: Layer;
  readonly what: string;
  readonly does: () => Promise<unknown>;
  readonly undo: () => Promise<unknown>;
  readonly words: Readonly<Record<Family, RegExp>>;
  readonly detail?: RegExp; // what `status` says besides
  readonly families?: readonly Family[];
}

const both = (words: RegExp): Break['words'] => ({ 4: words, 6: words });

const breaks: readonly Break[] = [
  {
    layer: 'carrier',
    what: 'the carrier is lost',
    does: () => lab.carrier('fibre', false),
    undo: () => lab.carrier('fibre', true),
    words: both(/interface eth1 has no carrier/),
  },
  {
    layer: 'address',
    what: 'the IPv4 address is gone',
    does: () => lab.removeAddress('fibre', 4),
    undo: () => lab.addAddress('fibre', 4),
    words: both(/address 10\.10\.1\.1 is gone from eth1/),
    families: [4],
  },
  {
    layer: 'address',
    what: 'the IPv6 address is gone',
    does: () => lab.removeAddress('fibre', 6),
    undo: () => lab.addAddress('fibre', 6),
    words: both(/address 2001:db8:1::1 is gone from eth1/),
    families: [6],
  },
  {
    layer: 'gateway',
    what: 'the gateway answers nothing',
    does: () => lab.gatewayDeath('fibre'),
    undo: () => lab.heal('fibre'),
    words: {
      4: /the gateway 10\.10\.1\.254 does not answer ARP/,
      6: /the gateway 2001:db8:1::fe does not answer neighbour discovery/,
    },
  },
  {
    layer: 'target',
    what: 'the line is dead beyond its gateway',
    does: () => lab.cut('fibre'),
    undo: () => lab.heal('fibre'),
    words: both(/the gateway answers, nothing beyond it does/),
  },
  {
    layer: 'dns',
    what: 'no name server is reached',
    does: () => swallow('udp dport 53'),
    undo: forget,
    words: both(/packets get through, DNS does not work/),
  },
  {
    layer: 'dns',
    what: 'names are lied about',
    does: () => divert('udp dport 53', 5353),
    undo: forget,
    words: both(/packets get through, DNS does not work/),
    detail: /lies about name\.test/,
  },
  {
    layer: 'http',
    what: 'no web server is reached',
    does: () => swallow('tcp dport 80'),
    undo: forget,
    words: both(/packets get through, HTTP does not work/),
  },
  {
    layer: 'http',
    what: 'a captive portal answers',
    does: () => divert('tcp dport 80', 8080),
    undo: forget,
    words: both(/a captive portal is in the way: log in at http:\/\/login\.hotspot\.test\/(?!\?)/),
  },
];

/** What the daemon decided of a path's outage since `at`, in its own words. */
function said(decisions: readonly Decision[], family: Family, at: number): string {
  return decisions
    .filter((one) => one.provider === 'fibre' && one.family === family && one.at >= at)
    .filter(({ kind, numbers }) => kind === 'cause' || (kind === 'health' && 'layer' in numbers))
    .map(({ sentence, reason, numbers }) => `${numbers['layer']}: ${sentence}: ${reason}`)
    .join('\n');
}

describe('what broke', () => {
  beforeEach(() => scene.calm());

  for (const { layer, what, does, undo, words, detail = /./, families: broken = families } of breaks) {
    test(`${layer} is named when ${what}`, async () => {
      const at = Date.now();
      await does();
      try {
        for (const family of broken) {
          await scene.carries('cable', family);
          const isTold = async (): Promise<boolean> => {
            const path = await scene.path('fibre', family);
            return path.layer === layer && words[family].test(path.why) && detail.test(path.why);
          };
          const state = async () => JSON.stringify(await scene.path('fibre', family));
          let last = '';
          await scene.until(
            async () => {
              last = await state();
              return await isTold();
            },
            () => `${layer} in ${last}`,
          );
          let reported = '';
          await scene.until(
            async () => {
              reported = said(await scene.decisions(), family, at);
              return new RegExp(`^${layer}: `, 'm').test(reported) && words[family].test(reported);
            },
            () => `a decision that names ${layer}: ${reported}`,
          );
        }
        // In JSON each family has its own: for people, what both did alike is one line with the reason of one.
        const [why, page] = await Promise.all(
          [['why', '--json'], ['test']].map(async (words) => (await cli(...words, 'fibre')).stdout),
        );
        for (const family of broken) {
          assert.match(why ?? '', words[family]);
          assert.match(
            page ?? '',
            new RegExp(`^fibre/${family}\n(?: +(?!broke).*\n)+ +broke at: ${layer}`, 'm'),
            page,
          );
        }
      } finally {
        await undo();
      }
    });
  }
});

describe('packets of full size', () => {
  const upstream = async (mtu: number): Promise<void> => {
    await lab.run('fibre', ['ip', 'link', 'set', 'upstream', 'mtu', String(mtu)]);
    await lab.run('internet', ['ip', 'link', 'set', 'isp1', 'mtu', String(mtu)]);
  };
  /** The daemon measures anew what it is bound to anew. */
  const rebind = async (): Promise<void> => {
    await lab.carrier('fibre', false);
    await scene.until(async () => !(await scene.isNow('fibre', 'reliable')), 'the carrier lost');
    await scene.calm();
  };
  beforeEach(() => scene.calm());
  after(async () => {
    await forget();
    await upstream(1500);
  });

  for (const isSilent of [true, false]) {
    test(`that ${isSilent ? 'vanish' : 'a router refuses'} are reported, and fail nothing`, async () => {
      const at = Date.now();
      await upstream(1400);
      if (isSilent)
        await nft(
          'add table inet layers',
          'add chain inet layers output { type filter hook output priority 0; }',
          'add rule inet layers output icmp type destination-unreachable drop',
          'add rule inet layers output icmpv6 type packet-too-big drop',
        );
      await rebind();
      const words = isSilent
        ? /packets of 1500 bytes vanish on the way, those of 1400 do: large transfers may hang; give eth1 an MTU of 1400/
        : /packets of 1500 bytes do not pass; a router on the way says that it takes 1400/;
      for (const family of families) {
        let last = '';
        await scene.until(
          async () => {
            const { remarks, health, layer } = await scene.path('fibre', family);
            last = JSON.stringify({ remarks, health, layer });
            return health === 'reliable' && layer === undefined && words.test(remarks.join());
          },
          () => `the remark of IPv${family}: ${last}`,
          30_000,
        );
        assert.match(said(await scene.decisions(), family, at), words);
      }
      const status = (await cli('status')).stdout.replaceAll(/\s+/g, ' ');
      assert.match(status, words);
      const { code, stdout } = await cli('test', 'fibre');
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^ +remark +path MTU ${words.source}`, 'm'));
      assert.match(stdout, /^ +every layer works$/m);
      const json = JSON.parse((await cli('test', 'fibre', '--json')).stdout) as {
        paths: { layer?: Layer; mtu?: { largest?: number } }[];
      };
      assert.deepEqual(
        json.paths.map(({ layer, mtu }) => [layer, mtu?.largest]),
        [
          [undefined, 1400],
          [undefined, 1400],
        ],
      );
      await forget();
      await upstream(1500);
    });
  }

  test('fail the path where the configuration asks for them, and the layer is named', async () => {
    const asked = [...testScenarios.slice(0, 2), { mtu: targets[4] }, { mtu: targets[6] }];
    await scene.reload(
      lab.config({
        checkInterval: '100ms',
        minOutage: '600ms',
        requiredSuccessful: 'all',
        testScenarios: asked,
      }),
    );
    await scene.calm();
    await upstream(1400);
    for (const family of families) {
      await scene.carries('cable', family);
      await scene.until(async () => (await scene.path('fibre', family)).layer === 'mtu', 'the layer named');
      assert.match(
        (await scene.path('fibre', family)).why,
        /small packets get through, those of full size do not/,
      );
    }
    const { stdout } = await cli('test', 'fibre');
    assert.match(stdout, /a packet of 1500 bytes does not get to 1\.1\.1\.1, a small one does/);
    assert.equal(stdout.match(/^ +broke at: mtu/gm)?.length, 2, stdout);
  });
});
