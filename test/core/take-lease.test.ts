import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Event, LeaseEvent } from '../../models/event.ts';
import type { Links } from '../../models/link.ts';
import { snapshot } from '../../src/core/report/snapshot.ts';
import { memoryOf } from '../../src/core/state/memory-of.ts';
import { initial, type State } from '../../src/core/state/state.ts';
import { step } from '../../src/core/step.ts';
import {
  auto,
  check,
  exampleConfig,
  exampleDefault,
  exampleLink,
  exampleProvider,
  exampleState,
  pathOf,
  start,
  warmUp,
} from './example.ts';

/** Two devices of which a DHCP client made no default route for the first. */
const withoutGateway: Links = {
  links: [exampleLink(0), exampleLink(1)],
  defaults: [exampleDefault(1)],
};
const config = exampleConfig({ providers: [exampleProvider(0), exampleProvider(1)] });
const hour = 3_600_000;

function report(after: number, more: Partial<LeaseEvent> = {}): LeaseEvent {
  return { type: 'lease', at: start + after, device: 'eth1', family: 4, source: 'dhclient', ...more };
}

const gateway = (after: number, more: Partial<LeaseEvent> = {}): LeaseEvent =>
  report(after, { gateway: '10.10.1.254', until: start + after + hour, ...more });

/** What is said of events, in one line each. */
function said(state: State, ...events: readonly Event[]): string[] {
  return events
    .flatMap((event) => step(state, event).decisions)
    .map(({ sentence, reason }) => `${sentence} | ${reason}`);
}

describe('a gateway that was reported', () => {
  test('binds a path that the kernel knows no gateway for, and the decision says so once', () => {
    const state = exampleState(config, withoutGateway);
    assert.equal(pathOf(state, 'fibre').obstacle, 'no IPv4 gateway is known for eth1');
    const first = step(state, gateway(10));
    assert.equal(pathOf(state, 'fibre').binding?.gateway, '10.10.1.254');
    assert.equal(pathOf(state, 'fibre').obstacle, undefined);
    const [decision] = first.decisions;
    assert.equal(decision?.sentence, 'eth1 (IPv4): gateway 10.10.1.254 reported by dhclient');
    assert.equal(decision?.reason, 'for 60 min');
    assert.equal(decision?.provider, 'fibre');
    assert.equal(first.effects.routes, 'now');
    assert.deepEqual(said(state, gateway(20)), []); // renewed
    assert.equal(snapshotOf(state).lease?.gateway?.until, start + 20 + hour);
  });

  test('yields to that of a route and to a configured one', () => {
    const links = { ...withoutGateway, defaults: [exampleDefault(0), exampleDefault(1)] };
    const known = exampleState(config, links);
    step(known, gateway(10, { gateway: '10.10.1.99' }));
    assert.equal(pathOf(known, 'fibre').binding?.gateway, '10.10.1.254');
    const fixed = { 4: { ...auto, gateway: '10.10.1.7' }, 6: exampleProvider(0).addressing[6] };
    const written = exampleState(
      { ...config, providers: [exampleProvider(0, { addressing: fixed }), exampleProvider(1)] },
      withoutGateway,
    );
    step(written, gateway(10));
    assert.equal(pathOf(written, 'fibre').binding?.gateway, '10.10.1.7');
  });

  test('is another line when it is another one', () => {
    const state = exampleState(config, withoutGateway);
    step(state, gateway(10));
    warmUp(state);
    const words = said(state, gateway(7000, { gateway: '10.10.1.99' }));
    assert.match(words.join('; '), /gateway 10\.10\.1\.99 reported.*judged from the start/);
    assert.equal(pathOf(state, 'fibre').binding?.gateway, '10.10.1.99');
  });

  test('gives a device without one none: PPP, tunnels', () => {
    const links = { ...withoutGateway, links: [exampleLink(0, { pointToPoint: true }), exampleLink(1)] };
    const state = exampleState(config, links);
    const before = pathOf(state, 'fibre').binding;
    step(state, gateway(10, { source: 'pppd', gateway: '10.64.64.64' }));
    assert.equal(pathOf(state, 'fibre').binding?.gateway, undefined);
    assert.deepEqual(pathOf(state, 'fibre').binding, before);
  });

  test('is no longer used when it is withdrawn, and not remembered either', () => {
    const state = exampleState(config, withoutGateway);
    step(state, gateway(10));
    warmUp(state);
    assert.deepEqual(said(state, report(7000)), [
      'eth1 (IPv4): gateway 10.10.1.254 withdrawn | dhclient says that it is gone',
      'fibre (IPv4) is down | no IPv4 gateway is known for eth1',
    ]);
    assert.deepEqual(said(state, report(7010)), []); // nothing left to withdraw
  });

  test('that is older than what is known changes nothing', () => {
    const state = exampleState(config, withoutGateway);
    step(state, gateway(1000));
    assert.deepEqual(said(state, gateway(500, { gateway: '10.10.1.99' }), report(500)), []);
    assert.equal(pathOf(state, 'fibre').binding?.gateway, '10.10.1.254');
  });

  test('is remarked on before it runs out, forgotten then, and remembered while the address stays', () => {
    const state = exampleState(config, withoutGateway);
    step(state, gateway(0));
    warmUp(state);
    const remarksAt = (after: number): readonly string[] => {
      step(state, { type: 'tick', at: start + after });
      return snapshotOf(state).remarks;
    };
    assert.deepEqual(remarksAt(0.8 * hour), []);
    assert.deepEqual(remarksAt(0.9 * hour), [
      'gateway 10.10.1.254 runs out in 6 min: dhclient has not renewed it',
    ]);
    const over = step(state, { type: 'tick', at: start + hour }).decisions;
    const [decision] = over;
    assert.equal(decision?.sentence, 'eth1 (IPv4): gateway 10.10.1.254 has run out and was not renewed');
    assert.equal(decision?.severity, 'warning');
    assert.match(decision?.reason ?? '', /^dhclient reported it 60 min ago; the gateway is used while eth1/);
    assert.equal(snapshotOf(state).lease, undefined);
    assert.equal(pathOf(state, 'fibre').binding?.gateway, '10.10.1.254');
    assert.deepEqual(remarksAt(1.1 * hour), []); // said once
  });
});

test('a gateway that ran out is forgotten with the rest of what was reported', () => {
  const state = exampleState(config, withoutGateway);
  step(state, gateway(0));
  step(state, report(0, { dns: ['10.10.1.53'] }));
  step(state, { type: 'tick', at: start + hour });
  assert.equal(pathOf(state, 'fibre').binding?.gateway, '10.10.1.254'); // remembered
  step(state, report(hour + 1));
  assert.equal(pathOf(state, 'fibre').obstacle, 'no IPv4 gateway is known for eth1');
});

test('nameservers that were reported are part of the binding only where names are resolved by them', () => {
  const asking = { ...config, nameservers: ['lease', '1.1.1.1'] };
  const [state, other] = [exampleState(asking, withoutGateway), exampleState(config, withoutGateway)];
  for (const each of [state, other]) step(each, report(10, { gateway: '10.10.1.254', dns: ['10.10.1.53'] }));
  assert.deepEqual(pathOf(state, 'fibre').binding?.dns, ['10.10.1.53']);
  assert.equal(pathOf(other, 'fibre').binding?.dns, undefined);
  const { effects } = step(state, report(20, { dns: ['10.10.1.54'] }));
  assert.equal(effects.checks, 'all');
  assert.deepEqual(pathOf(state, 'fibre').binding?.dns, ['10.10.1.54']);
  assert.equal(pathOf(state, 'fibre').binding?.gateway, '10.10.1.254'); // reported apart: it stays
});

test('a restart knows what was reported, unless it has run out since', () => {
  const state = exampleState(config, withoutGateway);
  step(state, gateway(10));
  step(state, report(10, { device: 'eth2', dns: ['10.10.2.53'] }));
  const memory = JSON.parse(JSON.stringify(memoryOf(state)));
  const restarted = (after: number): State => {
    const next = initial(config, start + after, { ...memory, paths: [] });
    step(next, { type: 'links', at: start + after, links: withoutGateway });
    return next;
  };
  assert.equal(pathOf(restarted(5000), 'fibre').binding?.gateway, '10.10.1.254');
  const late = restarted(2 * hour);
  assert.equal(pathOf(late, 'fibre').binding, undefined);
  assert.deepEqual(
    [...late.leases.values()].map(({ device, dns }) => [device, dns?.value]),
    [['eth2', ['10.10.2.53']]],
  );
});

test('checks go on through what a renewal leaves as it was', () => {
  const state = exampleState(config, withoutGateway);
  step(state, gateway(10));
  warmUp(state);
  const { lastStart } = pathOf(state, 'fibre');
  const { effects, decisions } = step(state, gateway(7000));
  assert.deepEqual([effects.routes, effects.checks, decisions.length], ['none', 'none', 0]);
  assert.equal(pathOf(state, 'fibre').lastStart, lastStart);
  step(state, check('fibre/4', 8000));
  assert.equal(pathOf(state, 'fibre').health, 'reliable');
});

function snapshotOf(state: State) {
  const found = snapshot(state).paths.find(({ path }) => path === 'fibre/4');
  assert.ok(found);
  return found;
}
