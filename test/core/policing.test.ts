/** ISPs that answer so many echoes a second and no more, and lines that lose packets: what our own asking does to them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ping } from '../../models/config.ts';
import { pathKey } from '../../models/path.ts';
import { step } from '../../src/core/step.ts';
import { type Answers, play } from './closed-loop.ts';
import { check, exampleConfig, exampleProvider, exampleState, failed, passed, start } from './example.ts';
import { chanceFrom } from './simulate.ts';

const providers = [exampleProvider(0), exampleProvider(1)];
const testScenarios = [ping('1.1.1.1'), ping('8.8.8.8'), ping('9.9.9.9')];
const config = exampleConfig({ providers, testScenarios });
const minuteMs = 60_000;

/** A token bucket: what of a line's echoes an ISP lets through. */
function policer(perSecond: number, burst: number): (ms: number) => boolean {
  let [tokens, at] = [burst, 0];
  return (ms) => {
    tokens = Math.min(burst, tokens + ((ms - at) / 1000) * perSecond);
    at = ms;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

interface Policed {
  readonly perSecond: number;
  readonly ids: readonly string[]; // whose echoes are policed
  readonly seed: number;
}

/** Five stalls of fibre within a minute and a half, then two minutes of peace. */
async function stallsOn({ perSecond, ids, seed }: Policed) {
  const chance = chanceFrom(seed);
  const stalls = Array.from({ length: 5 }, (_, i) => {
    const from = 20_000 + i * 15_000 + chance() * 10_000;
    return { from, until: from + 700 + chance() * 200 };
  });
  const lastMs = stalls.at(-1)?.until ?? 0;
  const policers = new Map(ids.map((id) => [id, policer(perSecond, 5)]));
  const asked: { readonly id: string; readonly ms: number }[] = [];
  const answers: Answers = (id, ms) => {
    asked.push({ id, ms });
    const passes = policers.get(id)?.(ms) ?? true;
    return passes && !(id === 'fibre' && stalls.some(({ from, until }) => ms >= from && ms < until));
  };
  const forMs = lastMs + 2 * minuteMs;
  const played = await play({ config, pings: () => answers, forMs, random: chance });
  const rate = (id: string, from: number): number =>
    asked.filter((one) => one.id === id && one.ms >= from).length / ((forMs - from) / 1000);
  return { ...played, lastMs, rate };
}

describe('after stalls of less than minOutage', () => {
  for (const perSecond of [2, 3])
    for (const ids of [['fibre'], ['fibre', 'lte']])
      test(`${ids.join(' and ')}, with ${perSecond} echoes a second, soon carry traffic and are asked once a second`, async (t) => {
        for (let seed = 0; seed < 5; seed += 1) {
          const { state, decisions, switches, lastMs, rate } = await stallsOn({ perSecond, ids, seed });
          const moves = switches.slice(1);
          t.diagnostic(
            `seed ${seed}: ${moves.length} switches, ${rate('fibre', lastMs + minuteMs).toFixed(2)} echoes/s`,
          );
          assert.deepEqual(moves, [], `seed ${seed}`);
          assert.deepEqual(state.active[4], ['fibre']);
          for (const { id } of providers) {
            assert.equal(state.paths.get(pathKey(id, 4))?.health, 'reliable');
            assert.ok(
              rate(id, lastMs + minuteMs) < 1.3,
              `${id}: ${rate(id, lastMs + minuteMs)} echoes a second`,
            );
          }
          const since = decisions.filter(({ at }) => at - start > lastMs + minuteMs);
          assert.deepEqual(
            since.map(({ sentence, reason }) => `${sentence}: ${reason}`),
            [],
          );
        }
      });
});

test('a standby that loses half of the packets costs at most twice as much as a clean one', async (t) => {
  const costs: number[] = [];
  for (const ratio of [0, 0.05, 0.1, 0.2, 0.3, 0.5]) {
    const chance = chanceFrom(7);
    const answers: Answers = (id) => id === 'fibre' || chance() >= ratio;
    const { state } = await play({ config, pings: () => answers, forMs: 10 * minuteMs, random: chance });
    const bytes = state.paths.get('lte/4')?.spending?.sinceStart ?? 0;
    costs.push(bytes * 6);
    t.diagnostic(`${ratio * 100} %: ${((bytes * 6) / 1e6).toFixed(2)} MB/h`);
  }
  const [clean = 0] = costs;
  for (const cost of costs)
    assert.ok(cost <= 2 * clean, `${cost} bytes an hour, ${clean} where nothing is lost`);
});

test('a line that is asked faster than its ISP answers all the time is found out, and used', async (t) => {
  const fast = exampleConfig({ providers, testScenarios, checkIntervalMs: 100, minOutageMs: 300 });
  const policers = new Map(providers.map(({ id }) => [id, policer(2, 5)]));
  const asked: number[] = [];
  const answers: Answers = (id, ms) => {
    if (id === 'fibre') asked.push(ms);
    const passes = policers.get(id)?.(ms) ?? false;
    return passes && !(id === 'fibre' && ms >= diesMs);
  };
  const diesMs = 2 * minuteMs;
  const forMs = diesMs + 10_000;
  const { state, decisions, switches } = await play({ config: fast, pings: () => answers, forMs });
  const told = decisions.find(({ sentence }) => sentence === 'fibre (IPv4) is judged again by fewer echoes');
  t.diagnostic(`${told?.at === undefined ? 'never' : told.at - start} ms: ${told?.reason}`);
  assert.match(
    told?.reason ?? '',
    /^(1\.9|2\.\d) echoes a second are answered, however many are sent, as if the ISP limited them: it is checked every \d{3} ms$/,
  );
  assert.ok((told?.at ?? Infinity) - start < minuteMs);
  const calm = decisions.filter(({ at }) => at - start > 1.5 * minuteMs && at - start < diesMs);
  assert.deepEqual(calm, []);
  const rate = asked.filter((ms) => ms >= diesMs - 10_000 && ms < diesMs).length / 10;
  assert.ok(rate < 2, `${rate} echoes a second`);
  const [back, away] = switches.slice(-2);
  assert.equal(back?.to, 'fibre');
  assert.equal(away?.to, 'lte', 'when it really dies');
  assert.ok((away?.ms ?? 0) - diesMs < 3000, `${(away?.ms ?? 0) - diesMs} ms after it died`);
  assert.deepEqual(state.active[4], ['lte']);
});

test('losses by chance are never taken for an ISP that limits echoes', () => {
  for (const lossRatio of [0.5, 0.7, 0.8, 0.9]) {
    const state = exampleState(exampleConfig({ providers, checkIntervalMs: 100 }));
    const chance = chanceFrom(lossRatio * 100);
    for (let at = 0; at < 30 * minuteMs; at += 100) {
      const targets = ['a', 'b', 'c'].map((target) => ({
        target,
        result: chance() < lossRatio ? failed() : passed(),
      }));
      const result = targets.find((one) => one.result.ok)?.result ?? failed();
      const { decisions } = step(state, { ...check('fibre/4', at, result, 20), targets });
      assert.deepEqual(
        decisions.filter(({ kind }) => kind === 'cause'),
        [],
        `loss of ${lossRatio}`,
      );
    }
  }
});
