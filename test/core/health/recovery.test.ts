import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Links } from '../../../models/link.ts';
import { nextCheck } from '../../../src/core/schedule/next-check.ts';
import type { State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import {
  check,
  exampleConfig,
  exampleLink,
  exampleLinks,
  exampleState,
  failed,
  pathOf,
  start,
  warmUp,
} from '../example.ts';

const dark: Links = {
  ...exampleLinks(),
  links: [exampleLink(0, { carrier: false }), exampleLink(1), exampleLink(2)],
};

function carrier(state: State, at: number, isThere: boolean): void {
  step(state, { type: 'links', at: start + at, links: isThere ? exampleLinks() : dark });
}

/** Makes the checks of fibre as they are planned, from now until `until`, each passed unless said. */
function checks(state: State, until: number, ok: (at: number) => boolean = () => true): number[] {
  const path = pathOf(state, 'fibre');
  const starts: number[] = [];
  for (;;) {
    const plan = nextCheck(state, path);
    const at = Math.max((plan?.at ?? Number.POSITIVE_INFINITY) - start, state.at - start);
    if (at > until) return starts;
    starts.push(at);
    step(state, check('fibre/4', at, ok(at) ? undefined : failed(), 10));
  }
}

/** When fibre became reliable, ms after the start; undefined: it is not. */
function reliableAt(state: State): number | undefined {
  const { health, since = 0 } = pathOf(state, 'fibre');
  return health === 'reliable' ? since - start : undefined;
}

test('a carrier that was lost for an instant is trusted after five checks in quick succession', () => {
  const state = warmUp(exampleState());
  carrier(state, 6000, false);
  assert.deepEqual(state.active[4], ['lte']);
  carrier(state, 6200, true);
  const starts = checks(state, 8000);
  assert.ok((reliableAt(state) ?? Infinity) <= 6500, `reliable at ${reliableAt(state)}`);
  assert.ok(starts.length <= 8, `${starts.length} checks in 1.8 s: then the usual pace`);
  step(state, { type: 'tick', at: start + 16_100 });
  step(state, check('lte/4', 16_100));
  checks(state, 16_600);
  step(state, { type: 'tick', at: start + 16_650 });
  assert.deepEqual(state.active[4], ['fibre'], 'the failback delay counts from then');
});

test('so is a line that was silent for less than 3 s', () => {
  const state = warmUp(exampleState());
  checks(state, 12_000, (at) => at < 7000 || at > 9500);
  assert.ok((reliableAt(state) ?? Infinity) <= 11_000, `reliable at ${reliableAt(state)}`);
});

test('one that was silent for longer has to pass checks at the usual pace', () => {
  const state = warmUp(exampleState());
  checks(state, 40_000, (at) => at < 7000 || at > 12_000);
  const at = reliableAt(state) ?? Infinity;
  assert.ok(at >= 15_500 && at <= 17_500, `reliable at ${at}`);
});

test('a line that is lost again and again is hurried twice a minute, not each time', () => {
  const state = warmUp(exampleState());
  const waits: number[] = [];
  for (let lostAt = 10_000; lostAt < 65_000; lostAt += 10_000) {
    checks(state, lostAt);
    carrier(state, lostAt, false);
    carrier(state, lostAt + 200, true);
    checks(state, lostAt + 9000);
    waits.push((reliableAt(state) ?? Infinity) - lostAt);
  }
  assert.deepEqual(
    waits.map((ms) => ms < 1000),
    [true, true, false, false, false, false],
    waits.join(' '),
  );
});

test('a check that fails meanwhile ends the hurry', () => {
  const state = warmUp(exampleState());
  carrier(state, 6000, false);
  carrier(state, 6200, true);
  let count = 0;
  checks(state, 9000, () => {
    count += 1;
    return count !== 3;
  });
  assert.equal(reliableAt(state), undefined);
  checks(state, 12_000);
  assert.ok((reliableAt(state) ?? 0) > 9000);
});

test('a path that was not trusted before is not hurried', () => {
  const state = exampleState();
  checks(state, 1500);
  carrier(state, 1500, false);
  carrier(state, 1700, true);
  checks(state, 4000);
  assert.equal(reliableAt(state), undefined);
});

test('however many checks in a row are needed, no more than 30 are hurried', () => {
  const state = warmUp(exampleState(exampleConfig({ minConsecutiveSucceededChecks: 40 })));
  checks(state, 50_000);
  carrier(state, 50_000, false);
  carrier(state, 50_200, true);
  assert.ok(checks(state, 53_000).length <= 34);
});
