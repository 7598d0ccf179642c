/** Cheap checks and dear ones: weights, required scenarios, escalation, and what metered lines cost. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openScene, type Scene } from './scene.ts';
import { closeIn, letOut, openPortal, openSite, siteUrl } from './web.ts';

const isps = [
  { name: 'fibre', device: 'eth1', ipv6: false },
  { name: 'cable', device: 'eth2', ipv6: false },
] as const;
const [a, b] = [{ ping: '1.1.1.1' }, { ping: '8.8.8.8' }] as const;
const fibreAddress = '10.10.1.1';

const site = await openSiteLater();
const scene: Scene = await openScene({ isps, prepare: () => site.open() });
const portal = await openPortal('fibre');
after(async () => {
  portal.close();
  site.close();
  await scene.close();
});

/** The site is part of the lab, which is not there yet when this file is read. */
async function openSiteLater() {
  let server: Awaited<ReturnType<typeof openSite>> | undefined;
  return {
    async open() {
      server = await openSite();
    },
    requests: (from?: string) => server?.requests(from) ?? 0,
    answer: (status: number) => server?.answer(status),
    close: () => server?.close(),
  };
}

/** Puts other settings into the daemon, and waits until all is well under them. */
async function use(settings: Readonly<Record<string, unknown>>, cable: object = {}): Promise<void> {
  const { providers } = scene.lab.config();
  const own = providers.map((provider) =>
    provider['id'] === 'cable' ? { ...provider, ...cable } : provider,
  );
  await scene.reload({
    minConsecutiveSucceededChecks: 2,
    failbackDelay: '1s',
    maxFailbackDelay: '1s',
    ...settings,
    providers: own,
  });
  await scene.calm(60_000);
}

/** An ISP forwards none of some packets. */
async function drop(isp: string, match: string): Promise<void> {
  const chain = `chain c { type filter hook forward priority 0; ${match} drop; }`;
  await scene.lab.run(isp, ['nft', '-f', '-'], `table ip f {\n${chain}\n}\n`);
}

/** It forwards everything again. */
async function pass(isp: string): Promise<void> {
  await scene.lab.run(isp, ['nft', 'delete', 'table', 'ip', 'f']);
}

describe('ping each second, http each 30 s', () => {
  const http = { http: siteUrl, status: 204, every: '30s' };

  test('a captive portal behind pings that pass moves the traffic, and its end brings it back, once each', async (t) => {
    await use({ testScenarios: [a, b, { ...http, required: true }] });
    const at = Date.now();
    await closeIn(scene.lab, 'fibre');
    await scene.carries('cable', 4, 45_000);
    const foundMs = Date.now() - at;
    await scene.lab.run('router', ['ping', '-c1', '-W2', '-I', 'eth1', '8.8.8.8']);
    const [health] = (await scene.decisions()).filter(
      ({ kind, at: then }) => kind === 'health' && then >= at,
    );
    assert.match(health?.reason ?? '', /captive portal/);
    assert.match(
      (await scene.path('fibre')).why,
      /status 302 to http:\/\/login\.portal\.test\/: captive portal/,
    );
    const inDoubt = portal.requests();
    assert.ok(inDoubt <= 30, `${inDoubt} requests until it was judged`);
    await sleep(10_000);
    const after = portal.requests() - inDoubt;
    assert.ok(after >= 2 && after <= 5, `${after} requests in the first 10 s after that: 1, 2, 4 s apart`);
    assert.equal((await scene.path('fibre')).liveness, 'down', 'with pings that pass');
    const end = Date.now();
    await letOut(scene.lab, 'fibre');
    await scene.carries('fibre', 4, 60_000);
    t.diagnostic(`found after ${foundMs} ms, back after ${Date.now() - end} ms`);
    assert.deepEqual(await scene.switches(at), ['fibre → cable', 'cable → fibre']);
  });

  test('the site is asked at once when pings fail, vouches for the line, and fails with it', async () => {
    await use({ testScenarios: [a, http] });
    await sleep(8000); // it has passed for a while by now, and is asked ever less often
    const before = site.requests(fibreAddress);
    const at = Date.now();
    await drop('fibre', 'icmp type echo-request');
    await scene.until(() => site.requests(fibreAddress) > before, 'the site to be asked');
    assert.ok(Date.now() - at < 4000, `${Date.now() - at} ms`);
    await sleep(5000);
    assert.equal((await scene.path('fibre')).health, 'reliable');
    await scene.assertUnmoved(at);
    const cutAt = Date.now();
    await scene.lab.cut('fibre');
    await scene.carries('cable');
    assert.ok(Date.now() - cutAt < 10_000, `${Date.now() - cutAt} ms, not 30 s`);
    await pass('fibre');
    await scene.calm();
  });

  test('a site that fails for everyone is set aside, though it is required, and moves no traffic', async () => {
    // The window still holds what the tests before this one did to fibre: that is not to move the traffic here.
    await use({ testScenarios: [a, b, { ...http, every: '5s', required: true }], maxFailedChecks: 40 });
    site.answer(500);
    const at = Date.now();
    const isSetAside = async () =>
      (await scene.see()).deadTargets.some(({ target }) => target === `http ${siteUrl}`);
    await scene.until(isSetAside, 'the site to be found dead', 60_000);
    await scene.calm(60_000);
    await scene.assertUnmoved(at);
    site.answer(204);
    await scene.until(async () => !(await isSetAside()), 'the site back in use', 60_000);
    await scene.calm();
  });
});

test('weights: what is light may fail, what is heavy may not', async () => {
  await use({ requiredSuccessful: 3, testScenarios: [a, b, { http: siteUrl, weight: 2 }] });
  const at = Date.now();
  await drop('fibre', 'ip daddr 1.1.1.1');
  await sleep(5000);
  assert.equal((await scene.path('fibre')).liveness, 'up', 'one ping and the site are enough');
  await scene.assertUnmoved(at);
  await pass('fibre');
  await closeIn(scene.lab, 'fibre');
  await scene.carries('cable');
  await letOut(scene.lab, 'fibre');
  await scene.calm();
});

describe('probeBudget', () => {
  /** Packets that have left through a device of the router. */
  async function sent(device: string): Promise<number> {
    const [link] = JSON.parse(
      await scene.lab.run('router', ['ip', '-j', '-s', 'link', 'show', 'dev', device]),
    );
    return link.stats64.tx.packets;
  }

  async function packets(forMs: number): Promise<Record<'eth1' | 'eth2', number>> {
    const before = [await sent('eth1'), await sent('eth2')];
    await sleep(forMs);
    return { eth1: (await sent('eth1')) - (before[0] ?? 0), eth2: (await sent('eth2')) - (before[1] ?? 0) };
  }

  test('slows the standby, never the active one, and status tells what was spent', async () => {
    await use({ checkInterval: '200ms', testScenarios: [a, b] }, { probeBudget: '200kB' });
    const slowed = await packets(8000);
    assert.ok(slowed.eth2 <= 8, `${slowed.eth2} packets through the standby in 8 s`);
    assert.ok(slowed.eth1 >= 25, `${slowed.eth1} packets through the active one in 8 s`);
    const { spent } = await scene.path('cable');
    const { stdout } = await scene.lab.cli(['status', '--json']);
    const [told] = JSON.parse(stdout).paths.filter(({ path }: { path: string }) => path === 'cable/4');
    assert.equal(told.spent.budgetBytes, 200_000);
    assert.ok(told.spent.slowedToMs >= 2000, `${told.spent.slowedToMs}`);
    assert.ok(told.spent.lastHourBytes > 1000 && told.spent.lastHourBytes < 200_000);
    const since = told.spent.sinceStartBytes - (spent?.sinceStartBytes ?? 0);
    assert.ok(since >= 0 && since < 1000, `${since} bytes between the two: a check or two`);
    assert.match(
      (await scene.lab.cli(['status', 'cable'])).stdout,
      /checks cost .* in the last hour\s+\(budget 200 kB\)/,
    );
    await scene.lab.cut('fibre');
    await scene.carries('cable');
    const active = await packets(5000);
    assert.ok(active.eth2 >= 15, `${active.eth2} packets through it in 5 s, now that it is active`);
    assert.equal((await scene.path('cable')).spent?.slowedToMs, undefined);
    await scene.calm();
  });

  test('counts what the kernel counts', async () => {
    await use({ testScenarios: [a, b, { http: siteUrl, required: true }] });
    const counted = async (): Promise<number> => {
      const [link] = JSON.parse(
        await scene.lab.run('router', ['ip', '-j', '-s', 'link', 'show', 'dev', 'eth1']),
      );
      const { rx, tx } = link.stats64;
      return rx.bytes + tx.bytes - 14 * (rx.packets + tx.packets);
    };
    const before = { wire: await counted(), told: (await scene.path('fibre')).spent?.sinceStartBytes ?? 0 };
    await sleep(10_000);
    const wire = (await counted()) - before.wire;
    const told = ((await scene.path('fibre')).spent?.sinceStartBytes ?? 0) - before.told;
    assert.ok(Math.abs(told - wire) / wire < 0.2, `told ${told} bytes, counted ${wire}`);
  });
});
