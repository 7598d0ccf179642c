import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Event } from '../../../models/event.ts';
import type { Modem } from '../../../models/modem.ts';
import { radioFault, radioWords } from '../../../src/core/health/radio.ts';
import { snapshot } from '../../../src/core/report/snapshot.ts';
import { desired } from '../../../src/core/routes/desired.ts';
import type { State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import {
  check,
  exampleConfig,
  exampleLinks,
  exampleProvider,
  exampleState,
  failed,
  start,
  warmUp,
} from '../example.ts';

const modem: Modem = {
  devices: ['eth2'],
  state: 'connected',
  registration: 'home',
  operator: 'Telekom.de',
  technology: 'lte',
  signal: 61,
  signalDbm: -95,
};

const heard = (after: number, changes: Partial<Modem> | undefined): Event => ({
  type: 'modems',
  at: start + after,
  modems: changes === undefined ? [] : [{ ...modem, ...changes }],
});

test('a modem in a few words', () => {
  assert.equal(radioWords(modem), 'LTE, Telekom.de, signal 61 % (-95 dBm)');
  assert.equal(
    radioWords({
      devices: [],
      state: 'connected',
      registration: 'roaming',
      technology: '5gnr',
      signalDbm: -80,
    }),
    '5G, roaming, signal -80 dBm',
  );
});

test('why nothing gets through a modem, the lowest first', () => {
  const fault = (changes: Partial<Modem>): string | undefined => radioFault({ ...modem, ...changes });
  assert.equal(fault({}), undefined);
  assert.equal(fault({ registration: 'roaming' }), undefined);
  assert.equal(fault({ state: 'failed', failure: 'sim-missing' }), 'SIM missing');
  assert.equal(
    fault({ state: 'failed', failure: 'esim-without-profiles' }),
    'the modem has failed (esim-without-profiles)',
  );
  assert.equal(fault({ state: 'locked', lock: 'sim-pin' }), 'the SIM is locked (it asks for sim-pin)');
  assert.equal(fault({ state: 'disabled' }), 'the modem is disabled');
  assert.equal(fault({ state: 'searching', registration: 'searching' }), 'not registered (-95 dBm)');
  assert.equal(
    fault({ state: 'searching', registration: 'searching', signalDbm: -125 }),
    'no signal (-125 dBm)',
  );
  assert.equal(fault({ registration: 'denied' }), 'the operator denies registration');
  assert.equal(fault({ state: 'registered' }), 'registered, but ModemManager has not connected it');
});

/** fibre on eth1, lte on eth2 with a modem. */
function scene(roaming: 'use' | 'avoid' = 'use', tiers: readonly [number, number] = [0, 1]): State {
  const providers = [exampleProvider(0, { tier: tiers[0] }), exampleProvider(1, { tier: tiers[1], roaming })];
  return pass(warmUp(exampleState(exampleConfig({ providers }))), 6000, 20_000);
}

/** Lets the checks of both pass for a while. */
function pass(state: State, from: number, to: number): State {
  for (let after = from; after < to; after += 1000)
    for (const path of ['fibre/4', 'lte/4'] as const) step(state, check(path, after));
  return state;
}

function fail(state: State, id: 'fibre' | 'lte', from: number): string[] {
  return Array.from({ length: 20 }, (_, i) => check(`${id}/4`, from + 100 * i, failed('no answer'))).flatMap(
    (event) => step(state, event).decisions.map(({ sentence, reason }) => `${sentence}: ${reason}`),
  );
}

const lteNow = (state: State) => snapshot(state).paths.find(({ path }) => path === 'lte/4');

describe('the layer radio', () => {
  test('is the cause of an outage when the modem is the reason, known before or after', () => {
    const before = scene();
    step(before, heard(20_000, { state: 'failed', failure: 'sim-missing' }));
    assert.ok(
      fail(before, 'lte', 20_100).some((line) => line.startsWith('lte (IPv4) is down: SIM missing; ')),
    );
    assert.equal(lteNow(before)?.layer, 'radio');

    const after = scene();
    fail(after, 'lte', 20_100);
    const { decisions } = step(after, heard(30_000, { state: 'failed', failure: 'sim-missing' }));
    assert.deepEqual(
      decisions.map(({ sentence, reason }) => `${sentence}, ${reason}`),
      ['lte (IPv4) broke at: radio, SIM missing'],
    );
  });

  test('says more than an address that is missing', () => {
    const state = scene();
    step(state, heard(20_000, { state: 'searching', registration: 'searching' }));
    const links = {
      ...exampleLinks(),
      links: exampleLinks().links.map((link) => (link.name === 'eth2' ? { ...link, addresses: [] } : link)),
    };
    const { decisions } = step(state, { type: 'links', at: start + 21_000, links });
    assert.match(decisions.map(({ reason }) => reason).join('\n'), /^not registered \(-95 dBm\); /m);
    assert.equal(lteNow(state)?.layer, 'radio');
  });

  test('is no verdict: what passes its checks stays reliable', () => {
    const state = scene();
    step(state, heard(20_000, { state: 'registered' }));
    assert.equal(step(state, check('lte/4', 20_100)).decisions.length, 0);
    assert.deepEqual([lteNow(state)?.health, lteNow(state)?.layer], ['reliable', undefined]);
    assert.equal(lteNow(state)?.modem?.operator, 'Telekom.de');
    step(state, heard(50_000, undefined));
    assert.equal(lteNow(state)?.modem, undefined);
  });
});

describe("roaming: 'avoid'", () => {
  test('a roaming modem is left for another that is reliable, and comes back when it no longer roams', () => {
    const state = scene('avoid', [1, 0]);
    assert.deepEqual(state.active[4], ['lte']);
    const roams = step(state, heard(20_000, { registration: 'roaming', operator: 'A1' }));
    assert.deepEqual(state.active[4], ['fibre']);
    assert.deepEqual(
      roams.decisions.map(({ sentence }) => sentence),
      ['lte roams', 'IPv4 moves from lte to fibre'],
    );
    assert.match(roams.decisions[1]?.reason ?? '', /^failback: lte roams, and fibre has been reliable for/);
    assert.match(
      lteNow(state)?.remarks.join() ?? '',
      /roams \(A1\): used only while no other provider is reliable/,
    );
    step(state, heard(30_000, {}));
    pass(state, 30_000, 60_000);
    step(state, { type: 'tick', at: start + 60_000 });
    assert.deepEqual(state.active[4], ['lte']);
  });

  test('it is used when nothing else is reliable, and its default comes last', () => {
    const state = scene('avoid', [1, 0]);
    step(state, heard(20_000, { registration: 'roaming' }));
    const defaults = (desired(state)?.routes ?? []).filter(
      ({ table, dst }) => table === 254 && dst === 'default',
    );
    assert.deepEqual(
      [...defaults].sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0)).map(({ dev }) => dev),
      ['eth1', 'eth2'],
    );
    fail(state, 'fibre', 20_100);
    assert.deepEqual(state.active[4], ['lte']);
  });

  test("'use', the default, changes nothing", () => {
    const state = scene('use', [1, 0]);
    step(state, heard(20_000, { registration: 'roaming' }));
    assert.deepEqual(state.active[4], ['lte']);
  });
});
