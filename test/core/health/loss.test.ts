import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TargetResult } from '../../../models/event.ts';
import { http } from '../../../models/scenarios/http.ts';
import { ping } from '../../../models/scenarios/ping.ts';
import { noteCheck } from '../../../src/core/health/liveness.ts';
import { type Loss, lossOf, notePackets } from '../../../src/core/health/loss.ts';
import { PathState } from '../../../src/core/state/state.ts';
import { check, exampleConfig, exampleProvider, failed, passed } from '../example.ts';

const [a, b] = [ping('1.1.1.1'), ping('8.8.8.8')];
const site = http('http://example.com/');
const config = exampleConfig({ testScenarios: [a, b, site] });

/** The loss after rounds a second apart that asked `a` first, and then what `others` says; all of them passed. */
function lossAfter(
  rounds: readonly { readonly a: boolean; readonly others: readonly TargetResult[] }[],
): Loss | undefined {
  const path = new PathState(exampleProvider(0), 4, config);
  rounds.forEach((round, i) => {
    const own = { target: a.name, result: round.a ? passed() : failed() };
    const event = {
      ...check(path.key, i * 1000),
      targets: [own, ...round.others],
      packets: [{ target: a.name, answered: round.a }],
    };
    noteCheck(path, event, config);
    notePackets(path, event, config);
  });
  return lossOf(path);
}

const passes = (each: { readonly name: string }): TargetResult => ({ target: each.name, result: passed() });
const rounds = (count: number, isAnswered: boolean, ...others: TargetResult[]) =>
  Array.from({ length: count }, () => ({ a: isAnswered, others }));

test('lossOf() counts packets that are lost now and then, though other checks pass', () => {
  const lossy = Array.from({ length: 40 }, (_, i) => ({
    a: i % 4 !== 0,
    others: i % 4 === 0 ? [passes(site)] : [],
  }));
  assert.deepEqual(lossAfter(lossy), { asked: 40, lost: 10, ratio: 0.25, of: 'packets' });
});

test('lossOf() leaves out packets of which none is answered on a line that something else gets through', () => {
  const filtered = [...rounds(25, true), ...rounds(20, false, passes(site))];
  assert.deepEqual(lossAfter(filtered), { asked: 25, lost: 0, ratio: 0, of: 'packets' });
  assert.deepEqual(lossAfter([...filtered, ...rounds(5, true)]), {
    asked: 30,
    lost: 0,
    ratio: 0,
    of: 'packets',
  });
});

test('lossOf() counts packets that are lost in a row while echoes to another target are answered', () => {
  assert.deepEqual(lossAfter([...rounds(20, true), ...rounds(8, false, passes(b))]), {
    asked: 28,
    lost: 8,
    ratio: 8 / 28,
    of: 'packets',
  });
});
