import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { CheckEvent, Event, TargetResult } from '../../models/event.ts';
import { nextCheck } from '../../src/core/schedule/next-check.ts';
import { initial, type PathState, type State } from '../../src/core/state/state.ts';
import { step } from '../../src/core/step.ts';
import { exampleConfig, exampleLink, exampleLinks, exampleProvider, start } from './example.ts';
import { chanceFrom } from './simulate.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const targets = ['ping 1.1.1.1', 'ping 8.8.8.8', 'ping 9.9.9.9'];
const rttMs = 20;
const deadlineMs = 50;

/** What a provider's line does: one is down for ten minutes an hour, one flaps for five, one loses a packet now and then. */
function answers(provider: string, target: string, ms: number, chance: () => number): boolean {
  const minute = (ms % hourMs) / minuteMs;
  if (target === 'ping 8.8.8.8' && minute >= 50) return false; // dead, through everyone
  if (provider === 'fibre') return minute < 10 || minute >= 20;
  if (provider === 'lte') return minute < 30 || minute >= 35 || ms % 2000 < 1000;
  return chance() >= 0.01;
}

/** One round, as the runner would make it. */
function round(state: State, path: PathState, at: number, chance: () => number): CheckEvent | undefined {
  const plan = nextCheck(state, path);
  if (plan === undefined) return undefined;
  const startedAt = Math.max(plan.at, at);
  const asked = plan.burst ? targets : [targets[path.checks % targets.length] ?? ''];
  const ask = (target: string): TargetResult => {
    const isAnswered = answers(path.provider.id, target, startedAt - start, chance);
    return {
      target,
      result: isAnswered
        ? { ok: true, rttMs }
        : { ok: false, code: 'no-answer', reason: `no answer within ${deadlineMs} ms` },
    };
  };
  const first = asked.map(ask);
  const isSettled = plan.burst || first.some(({ result }) => result.ok);
  const results = isSettled
    ? first
    : [...first, ...targets.filter((target) => !asked.includes(target)).map(ask)];
  const isPassed = results.some(({ result }) => result.ok);
  const result = isPassed
    ? ({ ok: true, rttMs } as const)
    : ({ ok: false, code: 'no-answer', reason: 'no answer' } as const);
  const tookMs = (isSettled ? 0 : deadlineMs) + (isPassed ? rttMs : deadlineMs);
  return { type: 'check', at: startedAt + tookMs, startedAt, path: path.key, result, targets: results };
}

/** What else happens: a tick a second, a pin and its end each hour, a carrier that goes and comes, a reload. */
function incident(state: State, second: number): Event {
  const at = start + second * 1000;
  const links = exampleLinks();
  switch (second % 3600) {
    case 2400:
      return { type: 'sticky', at, sticky: { id: 'dsl', until: at + 30_000 } };
    case 2500:
      return {
        type: 'links',
        at,
        links: { ...links, links: [exampleLink(0, { carrier: false }), ...links.links.slice(1)] },
      };
    case 2510:
      return { type: 'links', at, links };
    case 2600:
      return { type: 'config', at, config: { ...state.config } };
    default:
      return { type: 'tick', at };
  }
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function heapBytes(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** A day of one state. */
function live(state: State, everyHour: () => void): { checks: number; decisions: number } {
  const chance = chanceFrom(24);
  const due = new Map<string, CheckEvent>();
  const done = { checks: 0, decisions: 0 };
  const take = (event: Event): void => {
    done.decisions += step(state, event).decisions.length;
    if (event.type === 'check') done.checks += 1;
  };
  const takeChecks = (path: PathState, from: number, until: number): void => {
    for (let next = due.get(path.key) ?? round(state, path, from, chance); next !== undefined; ) {
      due.set(path.key, next);
      if (next.at > until) return;
      due.delete(path.key);
      take(next);
      next = round(state, path, next.at, chance);
    }
  };
  take({ type: 'links', at: start, links: exampleLinks() });
  for (let second = 1; second <= 24 * 3600; second += 1) {
    const until = start + second * 1000;
    for (const path of state.paths.values()) if (path.expected) takeChecks(path, until - 1000, until);
    take(incident(state, second));
    if (second % 3600 === 3599) everyHour();
  }
  return done;
}

test('step() takes 24 hours of checks, failures, flaps, pins and reloads without growing', (t) => {
  const state = initial(exampleConfig({ providers: [0, 1, 2].map((i) => exampleProvider(i)) }), start);
  const heaps: number[] = [];
  const { checks, decisions } = live(state, () => heaps.push(heapBytes()));
  const kilobytes = heaps.map((bytes) => Math.round(bytes / 1024));
  const expected = [...state.paths.values()].filter((path) => path.expected).length;
  const grown = (kilobytes.at(-1) ?? Number.NaN) - (kilobytes[5] ?? Number.NaN); // by then the engine has compiled all
  t.diagnostic(`${checks} checks, ${decisions} decisions, ${grown} KB more after 24 hours than after 6`);
  assert.ok(checks > 0.9 * expected * 24 * 3600, `${checks} checks of ${expected} paths`);
  assert.ok(decisions > 24 * 10, `${decisions} decisions: too calm a day to say anything`);
  assert.ok(grown < 128, `${kilobytes.join(' ')} KB, an hour apart`);
});
