/** The demo: faults in an order that explains what the daemon is for, each with its measurements. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision } from '../../../models/decision.ts';
import { messageOf } from '../../../models/message-of.ts';
import { type Family, families } from '../../../models/path.ts';
import type { Snapshot } from '../../../models/snapshot.ts';
import { familyName } from '../../core/format.ts';
import { joinTwins } from '../../core/report/both-families.ts';
import type { Outcome } from '../../kernel/exec.ts';
import { now } from '../now.ts';
import type { Instruments } from './board.ts';
import type { Stage } from './stage.ts';

/** What the demo runs with: the lab and its instruments, and how to query the daemon. */
export interface Cast extends Instruments {
  readonly stage: Stage;
  snapshot(): Promise<Snapshot>;
  decisions(): Promise<readonly Decision[]>;
}

/** The result of one chapter. Times in ms; undefined for what it does not measure. */
export interface Chapter {
  readonly title: string;
  readonly problems: readonly string[]; // empty: everything happened as it should
  readonly outageMs: number; // longest of both families' 10 ms flows
  readonly withoutDefaultRouteMs: number; // both families together
}

/** Settings that fit the demo into a minute; all others have their defaults. */
export const storySettings = { failbackDelay: '3s', minConsecutiveSucceededChecks: 2 } as const;

const patienceMs = 15_000;

/** Runs the whole demo. Goes on after a problem, so that all of them are shown. */
export async function runDemo(cast: Cast): Promise<readonly Chapter[]> {
  const chapters: Chapter[] = [];
  for (const { title, play, mayLoseMs } of scenes(cast)) {
    const chapter = await perform(cast, { title, play, mayLoseMs });
    chapters.push(chapter);
    for (const problem of chapter.problems) cast.stage.say(`    NOT AS IT SHOULD BE: ${problem}`, 'bad');
    await sleep(500);
  }
  return chapters;
}

interface Scene {
  readonly title: string;
  readonly mayLoseMs: number; // longest acceptable outage of a flow
  // what to add to the measurements; throws what did not happen
  readonly play: () => Promise<string | undefined>;
}

function scenes(cast: Cast): readonly Scene[] {
  const { lab } = cast;
  const everyone = lab.isps.map(({ name }) => name);
  return [
    { title: 'All is well.', mayLoseMs: 0, play: () => allWell(cast) },
    {
      title: 'fibre dies silently, far upstream: its gateway still answers, the internet behind it does not.',
      mayLoseMs: 3000,
      play: async () => {
        await lab.cut('fibre');
        return await carries(cast, 'cable');
      },
    },
    {
      title: 'fibre is repaired.',
      mayLoseMs: 100,
      play: async () => {
        await lab.heal('fibre');
        return await carries(cast, 'fibre');
      },
    },
    {
      title: 'The operator pins cable: failover pin cable',
      mayLoseMs: 100,
      play: async () => {
        succeeded(await lab.cli(['pin', 'cable']));
        return await carries(cast, 'cable');
      },
    },
    {
      title: 'And unpins it again: failover unpin',
      mayLoseMs: 100,
      play: async () => {
        succeeded(await lab.cli(['unpin']));
        return await carries(cast, 'fibre');
      },
    },
    {
      title: 'Everything goes down at once.',
      mayLoseMs: Number.POSITIVE_INFINITY,
      play: async () => {
        await Promise.all(everyone.map((name) => lab.cut(name)));
        await until(cast, 'every provider found down', (snapshot) => isAllDown(snapshot));
        return 'No provider works, so nothing is torn down: the routes stay until the first one comes back.';
      },
    },
    {
      title: 'Everything comes back.',
      mayLoseMs: Number.POSITIVE_INFINITY, // from the previous chapter; `recovered` measures its end
      play: async () =>
        recovered(cast, Math.max(...(await Promise.all(everyone.map((name) => lab.heal(name)))))),
    },
  ];
}

async function perform(cast: Cast, { title, play, mayLoseMs }: Scene): Promise<Chapter> {
  const { stage, flows, watch } = cast;
  const problems: string[] = [];
  stage.say(`\n${title}`, 'strong');
  const from = now();
  let result: string | undefined;
  try {
    result = await play();
  } catch (error) {
    problems.push(messageOf(error));
  }
  await printDecisions(cast, from);
  if (result !== undefined) stage.say(`    ${result}`);
  const reports = await Promise.all(
    flows.map(async (flow) => ({ family: flow.family, longestMs: (await flow.settled(from)).longestMs })),
  );
  const outageMs = Math.max(0, ...reports.map(({ longestMs }) => longestMs));
  const gaps = families.flatMap((family) => watch.report(family).gaps.filter((gap) => gap.from >= from));
  const withoutDefaultRouteMs = gaps.reduce((sum, { ms }) => sum + ms, 0);
  stage.say(`    ${measured(reports, withoutDefaultRouteMs)}`, 'faint');
  if (outageMs > mayLoseMs + 30)
    problems.push(`a flow was out for ${rounded(outageMs)}, more than ${mayLoseMs} ms`);
  if (withoutDefaultRouteMs > 0)
    problems.push(`there was no default route for ${rounded(withoutDefaultRouteMs)}`);
  return { title, problems, outageMs, withoutDefaultRouteMs };
}

async function allWell(cast: Cast): Promise<string> {
  await until(cast, 'every provider found reliable', ({ paths }) =>
    paths.every(({ health }) => health === 'reliable'),
  );
  await carries(cast, 'fibre');
  return 'fibre carries IPv4 and IPv6; cable and lte are on standby.';
}

/** Both families go through this provider, in the daemon's eyes and in the kernel's. */
async function carries(cast: Cast, name: string): Promise<undefined> {
  const { lab, watch } = cast;
  await until(cast, `IPv4 and IPv6 through ${name}`, ({ active }) =>
    families.every((family) => active[family].length === 1 && active[family][0] === name),
  );
  const { device } = lab.isp(name);
  await lab.waitFor(() => families.every((family) => watch.report(family).device === device), {
    timeoutMs: 2000,
    what: `default routes through ${device}`,
  });
}

/**
 * After everything was down, the flows recover as soon as the ISPs do, because the routes were never removed.
 */
async function recovered(cast: Cast, healedAt: number): Promise<string> {
  const { flows, lab } = cast;
  const first = await Promise.all(
    flows.map((flow) =>
      lab.waitFor(() => flow.answeredSince(healedAt), {
        timeoutMs: patienceMs,
        what: `an answer in IPv${flow.family}`,
      }),
    ),
  );
  const afterMs = Math.max(...first) - healedAt;
  if (afterMs > 200) throw new Error(`recovery took ${rounded(afterMs)}, although the routes were there`);
  await carries(cast, 'fibre');
  return `Both families ran again ${rounded(afterMs)} after the repair.`;
}

async function until(cast: Cast, what: string, question: (snapshot: Snapshot) => boolean): Promise<void> {
  await cast.lab.waitFor(async () => question(await cast.snapshot()), {
    timeoutMs: patienceMs,
    everyMs: 50,
    what,
  });
}

function isAllDown({ paths }: Snapshot): boolean {
  return paths.every(({ liveness }) => liveness === 'down');
}

function succeeded({ code, stderr }: Outcome): void {
  if (code !== 0) throw new Error(`the command ended with ${code}: ${stderr.trim()}`);
}

/** Prints the daemon's own words on each move. */
async function printDecisions({ decisions, stage }: Cast, from: number): Promise<void> {
  const moves = (await decisions()).filter(({ at, kind }) => at >= from && kind === 'switch');
  for (const { sentence, reason } of joinTwins(moves)) stage.say(`    ${sentence}: ${reason}`);
}

/** What two flows showed: the longest gap of each family, and times without any default route. */
function measured(
  flows: readonly { readonly family: Family; readonly longestMs: number }[],
  withoutMs: number,
): string {
  const gaps = flows.map(({ family, longestMs }) => `${rounded(longestMs)} (${familyName(family)})`);
  const lost = flows.every(({ longestMs }) => longestMs === 0)
    ? 'none lost'
    : `longest gap ${gaps.join(', ')}`;
  const without =
    withoutMs === 0 ? 'never without a default route' : `${rounded(withoutMs)} without a default route`;
  return `One packet every 10 ms: ${lost}; ${without}.`;
}

function rounded(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${Math.round(ms)} ms`;
}
