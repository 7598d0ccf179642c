/**
 * Writes the recordings beside it: `FAILOVER_MAKE_RECORDINGS=1 node --import tsx --test test/commands/replay.test.ts`.
 * Each is a made-up minute of two providers, fibre and lte, put through the core and the recorder. Make them anew when
 * the core's words change on purpose, and read the difference.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckEvent, Event, Sticky, TargetResult } from '../../models/event.ts';
import type { Instant } from '../../models/instant.ts';
import type { PathKey } from '../../models/path.ts';
import { nextCheck } from '../../src/core/schedule/next-check.ts';
import { initial, type State } from '../../src/core/state/state.ts';
import { step } from '../../src/core/step.ts';
import { createRecorder } from '../../src/report/recorder.ts';
import { exampleConfig, exampleLinks, exampleProvider, start } from '../core/example.ts';

type CheckPlan = NonNullable<ReturnType<typeof nextCheck>>;

interface Story {
  readonly name: string;
  readonly forMs: number;
  readonly answers: (provider: string, target: string, ms: number) => boolean; // ms since the start
  readonly pins?: readonly { readonly ms: number; readonly sticky: Sticky | undefined }[];
}

const between = (ms: number, from: number, to: number): boolean => ms >= from && ms < to;

const stories: readonly Story[] = [
  {
    name: 'silent-death',
    forMs: 60_000,
    answers: (provider, _, ms) => !(provider === 'fibre' && between(ms, 15_300, 35_000)),
  },
  {
    name: 'flapping',
    forMs: 60_000,
    answers: (provider, _, ms) =>
      !(provider === 'fibre' && between(ms, 10_400, 50_400) && (ms - 10_400) % 2000 < 1000),
  },
  { name: 'all-down', forMs: 50_000, answers: (_, __, ms) => !between(ms, 12_700, 30_000) },
  {
    name: 'pinned',
    forMs: 50_000,
    answers: (provider, _, ms) => !(provider === 'lte' && between(ms, 20_000, 40_000)),
    pins: [
      { ms: 10_000, sticky: { id: 'lte', until: undefined } },
      { ms: 26_000, sticky: undefined },
      { ms: 45_000, sticky: { id: 'lte', until: start + 48_000 } },
    ],
  },
  { name: 'dead-target', forMs: 40_000, answers: (_, target, ms) => target !== 'ping 8.8.8.8' || ms < 9_000 },
];

const roundTripMs = 20;
const deadlineMs = 50;

/** One round as the runner would make it: a target at a time, the rest at once when one does not answer. */
function round(story: Story, state: State, path: PathKey, plan: CheckPlan): CheckEvent {
  const startedAt = Math.max(plan.at, state.at);
  const provider = path.split('/')[0] ?? path;
  const known = state.config.testScenarios.map(({ name }) => name).filter((name) => !plan.setAside.has(name));
  const turn = (state.paths.get(path)?.checks ?? 0) % known.length;
  const order = [...known.slice(turn), ...known.slice(0, turn)];
  const asked = (targets: readonly string[], at: Instant): TargetResult[] =>
    targets.map((target) => ({
      target,
      result: story.answers(provider, target, at - start)
        ? { ok: true, rttMs: roundTripMs }
        : { ok: false, code: 'no-answer', afterMs: deadlineMs, reason: `no answer within ${deadlineMs} ms` },
    }));
  const first = asked(plan.burst ? order : order.slice(0, 1), startedAt);
  const isSettled = plan.burst || first.some(({ result }) => result.ok);
  const targets = isSettled ? first : [...first, ...asked(order.slice(1), startedAt + deadlineMs)];
  const passes = targets.some(({ result }) => result.ok);
  const tookMs = (isSettled ? 0 : deadlineMs) + (passes ? roundTripMs : deadlineMs);
  const result = passes
    ? ({ ok: true, rttMs: roundTripMs } as const)
    : ({ ok: false, code: 'no-answer', reason: `none of ${targets.length} targets answered` } as const);
  return { type: 'check', at: startedAt + tookMs, startedAt, path, result, targets };
}

async function tell(story: Story): Promise<void> {
  const config = exampleConfig({ providers: [exampleProvider(0), exampleProvider(1)] });
  const file = join(import.meta.dirname, `${story.name}.jsonl`);
  await rm(file, { force: true });
  const beginning = { at: start, version: '0.1.0', config, memory: undefined };
  const recorder = createRecorder(file, beginning, { warn: (sentence) => console.error(sentence) });
  const state = initial(config, start);
  const take = (event: Event): void => {
    recorder.event(event);
    for (const decision of step(state, event).decisions) recorder.decision(decision);
  };
  take({ type: 'links', at: start, links: exampleLinks(2) });
  const planned: Event[] = [
    ...(story.pins ?? []).map(({ ms, sticky }) => ({ type: 'sticky', at: start + ms, sticky }) as const),
    ...Array.from(
      { length: story.forMs / 1000 },
      (_, n) => ({ type: 'tick', at: start + n * 1000 + 500 }) as const,
    ),
  ].sort((a, b) => a.at - b.at);
  const running = new Map<PathKey, CheckEvent>();
  while (state.at < start + story.forMs) {
    const [next] = [...running.values(), ...planned.slice(0, 1)].sort((a, b) => a.at - b.at);
    const begun = begin(story, state, running, next?.at ?? Number.POSITIVE_INFINITY);
    if (begun !== undefined) running.set(begun.path, begun);
    else if (next === undefined) break;
    else {
      if (next.type === 'check') running.delete(next.path);
      else planned.shift();
      take(next);
    }
  }
  await recorder.close(10_000);
}

/** The next check that starts before anything else happens. */
function begin(
  story: Story,
  state: State,
  running: ReadonlyMap<PathKey, CheckEvent>,
  before: Instant,
): CheckEvent | undefined {
  for (const path of state.paths.values()) {
    const plan = running.has(path.key) ? undefined : nextCheck(state, path);
    if (plan !== undefined && plan.at < before) return round(story, state, path.key, plan);
  }
  return undefined;
}

/** Makes every recording anew. */
export async function makeRecordings(): Promise<void> {
  for (const story of stories) await tell(story);
}
