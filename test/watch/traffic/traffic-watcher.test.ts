import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import type { LoadEvent, TrafficEvent } from '../../../models/event.ts';
import { CounterFile } from '../../../src/watch/traffic/counters.ts';
import { TrafficWatcher, type Watched } from '../../../src/watch/traffic/traffic-watcher.ts';

const stepMs = 25;

interface Rates {
  readonly rx: number; // packets a second
  readonly tx: number;
}

function watching(devices: readonly string[]): Watched {
  return { carrying: new Set(devices), rarelyChecked: new Set(devices) };
}

/** A watcher of made-up counters, in virtual time. */
class World {
  readonly events: TrafficEvent[] = [];
  readonly loads: LoadEvent[] = [];
  readonly devices: Record<string, { rx: number; tx: number } & { rates: Rates }> = {};
  readonly watcher = new TrafficWatcher({
    now: () => this.ms,
    emit: (event) => void (event.type === 'traffic' ? this.events.push(event) : this.loads.push(event)),
    counters: { read: () => this.counters.read(), close: () => undefined },
  });
  ms = 0;
  timers = 0;

  constructor(t: TestContext) {
    mock.timers.enable({ apis: ['setInterval'] });
    t.after(() => {
      this.watcher.close();
      mock.timers.reset();
    });
  }

  carry(device: string, rx: number, tx: number): void {
    const { rx: came = 0, tx: went = 0 } = this.devices[device] ?? {};
    this.devices[device] = { rx: came, tx: went, rates: { rx, tx } };
  }

  /** Time passes, with the daemon's tick each second. */
  pass(forMs: number, watched: readonly string[] = ['eth1']): void {
    for (const until = this.ms + forMs; this.ms < until; ) {
      this.ms += stepMs;
      for (const each of Object.values(this.devices)) {
        each.rx += (each.rates.rx * stepMs) / 1000;
        each.tx += (each.rates.tx * stepMs) / 1000;
      }
      mock.timers.tick(stepMs);
      if (this.ms % 1000 === 0) this.watcher.watch(watching(watched));
    }
  }

  /** As in `/proc/net/dev`. */
  readonly counters = {
    read: (): string =>
      Object.entries(this.devices)
        .map(([name, { rx, tx }]) => `${name}: ${figures(rx)} ${figures(tx)}\n`)
        .join(''),
    close: (): void => undefined,
  };
}

/** Bytes, packets and what is not read. */
function figures(packets: number): string {
  return `${Math.floor(packets * 1250)} ${Math.floor(packets)} 0 0 0 0 0 0`;
}

test('silence of a device that carries traffic is reported within 0.15 s, and its end', (t) => {
  const world = new World(t);
  world.carry('eth1', 100, 100);
  world.carry('eth2', 100, 100);
  world.pass(6000);
  assert.deepEqual(world.events, []);
  world.carry('eth1', 0, 100);
  world.carry('eth2', 0, 100); // not watched
  world.pass(400);
  assert.equal(world.events.length, 1);
  const [{ at, device, silentSince } = assert.fail('nothing was reported')] = world.events;
  assert.equal(device, 'eth1');
  assert.ok(at > 6000 && at <= 6150, `at ${at}`);
  assert.ok(silentSince !== undefined && silentSince >= 6000 && silentSince < at);
  world.carry('eth1', 100, 100);
  world.pass(200);
  assert.deepEqual(world.events.at(-1), {
    type: 'traffic',
    at: world.ms - 100,
    device,
    silentSince: undefined,
  });
});

test('an idle device is looked at once a second, a busy one each 100 ms', (t) => {
  const world = new World(t);
  let samples = 0;
  const { now } = { now: () => world.ms };
  const watcher = new TrafficWatcher({
    now: () => {
      samples += 1;
      return now();
    },
    emit: () => undefined,
    counters: world.counters,
  });
  t.after(() => watcher.close());
  const second = (): number => {
    samples = 0;
    watcher.watch(watching(['eth1']));
    world.pass(1000, []);
    return samples;
  };
  world.carry('eth1', 1, 1);
  for (let i = 0; i < 3; i += 1) second(); // at first it is not known how busy it is
  assert.ok(second() <= 2);
  world.carry('eth1', 100, 100);
  for (let i = 0; i < 3; i += 1) second();
  assert.ok(second() >= 10);
  world.carry('eth1', 0, 0);
  for (let i = 0; i < 10; i += 1) second();
  assert.ok(second() <= 2, 'idle again');
  watcher.watch(watching([]));
  world.pass(1000, []);
});

test('at most a few alarms a minute, however restless the line', (t) => {
  const world = new World(t);
  world.carry('eth1', 100, 100);
  for (let i = 0; i < 60; i += 1) {
    // Each silence is longer than those before it.
    world.carry('eth1', 100, 100);
    world.pass(2000 - 8 * i);
    world.carry('eth1', 0, 100);
    world.pass(100 + 8 * i);
  }
  const alarms = world.events.filter(({ silentSince }) => silentSince !== undefined).length;
  assert.ok(alarms <= 6 + 12, `${alarms} alarms in two minutes`);
});

test('without counters, or such a device, nothing is watched and nothing fails', (t) => {
  const world = new World(t);
  const without = new TrafficWatcher({
    now: () => world.ms,
    emit: () => assert.fail('an event from nothing'),
    counters: new CounterFile('/nonexistent'),
  });
  without.watch(watching(['eth1']));
  without.close();
  world.watcher.watch(watching(['eth1']));
  world.carry('eth2', 100, 100);
  world.pass(3000);
  assert.deepEqual(world.events, []);
});

test('a device that is created again is watched again', (t) => {
  const world = new World(t);
  world.carry('eth1', 100, 100);
  world.pass(3000);
  delete world.devices['eth1'];
  world.pass(2000);
  world.carry('eth1', 100, 100);
  world.pass(5000);
  assert.deepEqual(world.events, []);
  world.carry('eth1', 0, 100);
  world.pass(500);
  assert.equal(world.events.length, 1);
});

test('how much a device carries is reported when it changes, and that it carries nothing any more', (t) => {
  const world = new World(t);
  const loads = (): readonly object[] => world.loads.splice(0).map(({ at: _, type: __, ...load }) => load);
  world.carry('eth1', 3, 500);
  world.pass(5000);
  assert.deepEqual(loads(), [{ device: 'eth1', sent: 5_000_000, received: 0 }], 'steady: once');
  world.carry('eth1', 200, 1004);
  world.pass(3000);
  assert.deepEqual(loads(), [{ device: 'eth1', sent: 10_000_000, received: 2_000_000 }]);
  world.pass(1000, []);
  assert.deepEqual(loads(), [{ device: 'eth1', sent: 0, received: 0 }]);
  world.pass(2000, []);
  assert.deepEqual(loads(), []);
});
