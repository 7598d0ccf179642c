/** Literals to test the core with: three providers on eth1.., each with its own network, gateway and both families. */

import type { Addressing } from '../../models/checked-provider.ts';
import { type Config, ping } from '../../models/config.ts';
import type { CheckEvent, LateEvent } from '../../models/event.ts';
import type { Instant } from '../../models/instant.ts';
import type { DefaultRoute, Link, LinkAddress, Links } from '../../models/link.ts';
import type { Family, PathKey } from '../../models/path.ts';
import { plainConfig, plainProvider } from '../../models/plain-config.ts';
import type { Provider } from '../../models/provider.ts';
import type { TestResult } from '../../models/test-result.ts';
import { initial, type PathState, type State } from '../../src/core/state/state.ts';
import { step } from '../../src/core/step.ts';

/** When the examples begin. */
export const start: Instant = 1_700_000_000_000;

/** Everything read from the kernel. */
export const auto: Addressing = { address: 'auto', network: 'auto', gateway: 'auto' };

/** The family is not there. */
export const none: Addressing = { address: 'none', network: 'auto', gateway: 'auto' };

/** The nth example provider, counted from 0: on `eth1`, table 101, tier 0. IPv4 only unless told otherwise. */
export function exampleProvider(index: number, changes: Partial<Provider> = {}): Provider {
  const id = ['fibre', 'lte', 'dsl'][index] ?? `p${index}`;
  return {
    id,
    interfaceName: `eth${index + 1}`,
    tier: index,
    weight: 1,
    enabled: true,
    rtTableId: 101 + index,
    rtTableName: id,
    addressing: { 4: auto, 6: none },
    ...plainProvider,
    mark: (index + 1) * 0x01000000,
    testScenarios: undefined,
    ...changes,
  };
}

/** The default settings, with three providers. */
export function exampleConfig(changes: Partial<Config> = {}): Config {
  return {
    checkIntervalMs: 1000,
    checkTimeoutMs: 1000,
    confirmIntervalMs: 50,
    minOutageMs: 1000,
    startMetric: 100,
    maxStoredTestResultCount: 50,
    maxFailedChecks: 20,
    maxConsecutiveFailedChecks: 2,
    minConsecutiveSucceededChecks: 4,
    requiredSuccessful: 1,
    rtt: undefined,
    jitter: undefined,
    holdDownMs: 0,
    failbackDelayMs: 10_000,
    failback: true,
    allDown: 'keep',
    onStop: 'keep',
    stickyProviderFilename: '/etc/failover/sticky.provider',
    probeWhileSticky: true,
    ...plainConfig,
    providers: [0, 1, 2].map((index) => exampleProvider(index)),
    testScenarios: [ping('1.1.1.1'), ping('8.8.8.8'), ping('9.9.9.9')],
    ...changes,
  };
}

/** An address as the kernel shows a usable one. */
export function exampleAddress(
  address: string,
  prefixLength: number,
  changes: Partial<LinkAddress> = {},
): LinkAddress {
  const family = address.includes(':') ? 6 : 4;
  return { family, address, prefixLength, peer: undefined, scope: 'global', usable: true, ...changes };
}

/** The device of the nth provider: up, with carrier, `10.10.N.1/24` and `2001:db8:N::1/64`. */
export function exampleLink(index: number, changes: Partial<Link> = {}): Link {
  const n = index + 1;
  return {
    name: `eth${n}`,
    index: 10 + n,
    up: true,
    carrier: true,
    pointToPoint: false,
    addresses: [
      exampleAddress(`10.10.${n % 250}.1`, 24),
      exampleAddress(`2001:db8:${n.toString(16)}::1`, 64),
    ],
    ...changes,
  };
}

/** What a DHCP client leaves in `main` for the nth provider, at a metric far from ours. */
export function exampleDefault(index: number, changes: Partial<DefaultRoute> = {}): DefaultRoute {
  const n = index + 1;
  return {
    family: 4,
    table: 254,
    interfaceName: `eth${n}`,
    gateway: `10.10.${n % 250}.254`,
    metric: 5000 + n,
    protocol: 'dhcp',
    ...changes,
  };
}

/** The devices and foreign defaults of the first `count` providers, in both families. */
export function exampleLinks(count = 3): Links {
  const indexes = Array.from({ length: count }, (_, index) => index);
  return {
    links: indexes.map((index) => exampleLink(index)),
    defaults: indexes.flatMap((index) => [
      exampleDefault(index),
      exampleDefault(index, { family: 6, gateway: `fe80::${index + 1}`, protocol: 'ra' }),
    ]),
  };
}

/** A state that has read its devices and made its first choice. */
export function exampleState(config = exampleConfig(), links = exampleLinks(config.providers.length)): State {
  const state = initial(config, start);
  step(state, { type: 'links', at: start, links });
  return state;
}

/** A path of a state; a test that names one that is not there is wrong. */
export function pathOf(state: State, id: string, family: Family = 4): PathState {
  const path = state.paths.get(`${id}/${family}`);
  if (path === undefined) throw new Error(`no path ${id}/${family} in this example`);
  return path;
}

/** A passed check. */
export function passed(rttMs = 10): TestResult {
  return { ok: true, rttMs };
}

/** A failed check. */
export function failed(reason = 'no answer'): TestResult {
  return { ok: false, code: 'no-answer', reason };
}

/** One round over a path that began `after` ms after the start of the example and took `tookMs`. */
export function check(path: PathKey, after: number, result: TestResult = passed(), tookMs = 50): CheckEvent {
  const startedAt = start + after;
  return { type: 'check', path, startedAt, at: startedAt + tookMs, result, targets: [] };
}

/** A late answer to the round that began `after` ms after the start. */
export function late(path: PathKey, after: number, rttMs: number): LateEvent {
  const startedAt = start + after;
  return { type: 'late', path, startedAt, at: startedAt + rttMs, target: 'ping 1.1.1.1', rttMs };
}

/** Passes enough checks over every expected path for all to be reliable; ends 6 s after the start. */
export function warmUp(state: State): State {
  for (let after = 0; after < 6000; after += 1000) {
    for (const path of state.paths.values()) if (path.expected) step(state, check(path.key, after));
  }
  return state;
}
