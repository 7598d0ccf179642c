/** Anything that can happen, for properties: configurations, devices, and events in any order. */
import fc from 'fast-check';
import type { Config } from '../../models/config.ts';
import type { Event, KernelNote } from '../../models/event.ts';
import type { DefaultRoute, Link, LinkAddress, Links } from '../../models/link.ts';
import type { PathKey } from '../../models/path.ts';
import type { Provider } from '../../models/provider.ts';
import type { TestResult } from '../../models/test-result.ts';
import {
  auto,
  exampleAddress,
  exampleConfig,
  exampleDefault,
  exampleLink,
  exampleProvider,
  start,
} from './example.ts';

const indexes = [0, 1, 2, 3];
const ids = indexes.map((index) => exampleProvider(index).id);

/** Some of four providers in any order, of any tiers, with both families, enabled or not. */
export const providers: fc.Arbitrary<Provider[]> = fc
  .uniqueArray(fc.constantFrom(...indexes), { minLength: 1 })
  .chain((chosen) =>
    fc.tuple(
      ...chosen.map((index) =>
        fc
          .record({
            tier: fc.constantFrom(0, 0, 1, 2, null),
            enabled: fc.constantFrom(true, true, true, false),
            gateway: fc.constantFrom('auto', 'auto', 'none'),
          })
          .map(({ gateway, ...rest }) =>
            exampleProvider(index, { ...rest, addressing: { 4: { ...auto, gateway }, 6: auto } }),
          ),
      ),
    ),
  );

const limits = (down: number): fc.Arbitrary<{ down: number; up: number } | undefined> =>
  fc.constantFrom(undefined, undefined, { down, up: down / 2 });

/** A configuration with any of the settings that decisions depend on. */
export const config: fc.Arbitrary<Config> = fc
  .record({
    providers,
    checkIntervalMs: fc.constantFrom(20, 100, 1000),
    minOutageMs: fc.constantFrom(0, 60, 300, 1000),
    maxConsecutiveFailedChecks: fc.constantFrom(0, 2, 5),
    minConsecutiveSucceededChecks: fc.constantFrom(0, 4),
    maxFailedChecks: fc.constantFrom(0, 3, 20),
    maxStoredTestResultCount: fc.constantFrom(1, 5, 50),
    holdDownMs: fc.constantFrom(0, 30_000),
    failbackDelayMs: fc.constantFrom(0, 10_000),
    failback: fc.constantFrom(true as const, 'never' as const), // literals, or fast-check widens them
    allDown: fc.constantFrom('keep' as const, 'first' as const, 'remove' as const, 'unreachable' as const), // the same
    probeWhileSticky: fc.boolean(),
    startMetric: fc.constantFrom(100, 500),
    layout: fc.constantFrom('metrics' as const, 'metrics' as const, 'table' as const), // literals, as above
    routes: fc.constantFrom(
      ['default'],
      ['default'],
      ['default', '198.51.100.0/24', '2001:db8:f::/48'],
      ['203.0.113.0/24'],
    ),
    excludes: fc.constantFrom([], ['192.168.0.0/16', 'fc00::/7']),
    multipath: fc.constantFrom('resilient' as const, 'classic' as const), // the same
    connectionMarks: fc.boolean(),
    loss: limits(0.3),
    rtt: limits(200),
    jitter: limits(50),
  })
  .map(({ loss = 'none' as const, ...settings }) => exampleConfig({ loss, ...settings }));

const addresses = (index: number): fc.Arbitrary<LinkAddress[]> =>
  fc.subarray([
    ...exampleLink(index).addresses,
    exampleAddress(`10.99.${index}.7`, 24),
    exampleAddress('192.168.1.2', 24), // the same on several devices
    exampleAddress(`10.8.0.${index + 1}`, 32, { peer: '10.8.0.254' }),
    exampleAddress(`fe80::${index + 1}`, 64, { scope: 'link' }),
    exampleAddress(`2001:db8:99:${index}::7`, 64, { usable: false }),
  ]);

const mostly = fc.constantFrom(true, true, true, false);

const device = (index: number): fc.Arbitrary<Link> =>
  fc
    .record({
      up: mostly,
      carrier: mostly,
      pointToPoint: fc.constantFrom(false, false, true),
      index: fc.integer({ min: 1, max: 40 }),
      addresses: fc.oneof(fc.constant([...exampleLink(index).addresses]), addresses(index)),
    })
    .map((changes) => exampleLink(index, changes));

/** Default routes of other people, at metrics that are near ours, one per family, table and metric. */
export const defaults: fc.Arbitrary<DefaultRoute[]> = fc.uniqueArray(
  fc
    .record({
      index: fc.constantFrom(...indexes),
      family: fc.constantFrom(4 as const, 6 as const), // literals, or fast-check widens them
      table: fc.constantFrom(254, 254, 254, 9),
      metric: fc.oneof(fc.integer({ min: 98, max: 106 }), fc.constantFrom(0, 500, 501, 1024, 5000)),
      hasGateway: mostly,
    })
    .map(({ index, family, table, metric, hasGateway }) => {
      const told = family === 4 ? exampleDefault(index).gateway : `fe80::${index + 1}`;
      const gateway = hasGateway ? told : undefined;
      return exampleDefault(index, { family, table, metric, gateway });
    }),
  { maxLength: 8, selector: ({ family, table, metric }) => `${family} ${table} ${metric}` },
);

/** Devices in any condition, some of them missing. */
export const links: fc.Arbitrary<Links> = fc
  .record({ defaults, devices: fc.tuple(...indexes.map(device)), present: fc.subarray(indexes) })
  .map(({ defaults, devices, present }) => ({
    defaults,
    links: devices.filter((_, index) => present.length === 0 || present.includes(index)),
  }));

const path: fc.Arbitrary<PathKey> = fc
  .tuple(fc.constantFrom(...ids, 'ghost'), fc.constantFrom(4 as const, 6 as const)) // literals, as above
  .map(([id, family]) => `${id}/${family}` as const); // a template type, not a plain string

const result: fc.Arbitrary<TestResult> = fc.oneof(
  fc.record({ ok: fc.constant(true as const), rttMs: fc.double({ min: 0, max: 2000, noNaN: true }) }), // literal
  fc.constant<TestResult>({ ok: false, code: 'no-answer', reason: 'no answer' }),
  fc.constant<TestResult>({ ok: false, code: 'not-run', reason: 'no such device' }),
);

const targets = fc.array(fc.record({ target: fc.constantFrom('a', 'b', 'c'), result }), { maxLength: 3 });

// A coarse grid, so that late answers do hit the checks they belong to.
const instant = fc.integer({ min: 0, max: 1200 }).map((n) => start + n * 50);

const sticky = fc.option(
  fc.record({ id: fc.constantFrom(...ids, 'ghost'), until: fc.option(instant, { nil: undefined }) }),
  { nil: undefined },
);

const note: KernelNote = { kind: 'repaired', message: 'a route of ours was missing', commands: [] };

/** Any event at any time. */
export const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant('check' as const), // literals, here and below
      at: instant,
      startedAt: instant,
      path,
      result,
      targets,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('late' as const),
      at: instant,
      startedAt: instant,
      path,
      target: fc.constantFrom('a', 'b'),
      rttMs: fc.double({ min: 0, max: 5000, noNaN: true }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('links' as const), at: instant, links }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('sticky' as const), at: instant, sticky }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('config' as const), at: instant, config }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('kernel' as const), at: instant, note: fc.constant(note) }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('tick' as const), at: instant }) },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{
        type: fc.constant('traffic' as const),
        at: instant,
        device: fc.constantFrom('eth1', 'eth2', 'eth9'),
      },
      silentSince: fc.option(instant, { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ type: fc.constant('load' as const), at: instant, device: fc.constantFrom('eth1', 'eth2', 'eth9') },
      ...{ sent: fc.nat(1e9), received: fc.nat(1e9) },
    }),
  },
);

/** A run: what it starts with and what happens, in order of time or, now and then, in no order at all. */
export const run: fc.Arbitrary<{ config: Config; events: Event[] }> = fc
  .record({ config, links, events: fc.array(event, { maxLength: 120 }), inOrder: mostly })
  .map(({ config, links, events, inOrder }) => ({
    config,
    events: [
      { type: 'links', at: start, links },
      ...(inOrder ? events.toSorted((a, b) => a.at - b.at) : events),
    ],
  }));
