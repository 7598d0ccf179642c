import type { Config } from '../../models/config.ts';
import type { Decision } from '../../models/decision.ts';
import { readConfig } from '../config/read-config.ts';
import { initial } from '../core/state/state.ts';
import { step } from '../core/step.ts';
import { decisionLines } from '../report/decision-lines.ts';
import { type Output, type OutputOptions, outputOf, refuse } from '../report/output.ts';
import { type Recording, RecordingError, readRecording } from '../report/recording.ts';

/** Options of `failover replay`. */
export interface ReplayOptions extends OutputOptions {
  readonly config?: string; // decide by this configuration instead of the recorded ones
}

/** Where a decision occurs: in the recording and in its replay, or in one of them only. */
export type Occurrence = 'both' | 'only then' | 'only now';

/** One line of the comparison. */
export interface Compared {
  readonly occurs: Occurrence;
  readonly decision: Decision;
}

const badConfig = 78;

/**
 * `failover replay FILE`: runs the core over recorded events, touching nothing, and prints what it decides
 * next to what was decided then. Returns the exit status: 0 when both are equal or another configuration was
 * given, 1 when they differ or the file is not a recording, 78 when the other configuration cannot be used.
 */
export async function replay(file: string, options: ReplayOptions): Promise<number> {
  const output = outputOf(options);
  const other = options.config === undefined ? undefined : await readConfig(options.config);
  if (other?.ok === false) return refuse(output, other.complaint, badConfig);
  let recording: Recording;
  try {
    recording = await readRecording(file);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    return refuse(output, error.message);
  }
  const compared = compare(recording.decisions, decide(recording, other?.config));
  const areEqual = compared.every(({ occurs }) => occurs === 'both');
  if (output.json)
    output.print(JSON.stringify({ ok: areEqual, notes: recording.notes, decisions: compared }, null, 2));
  else output.print(page(compared, recording, output));
  return areEqual || other !== undefined ? 0 : 1;
}

/** The core's decisions on a recording's events; `other` replaces every recorded configuration. */
function decide({ beginning, events }: Recording, other: Config | undefined): Decision[] {
  const state = initial(other ?? beginning.config, beginning.at, beginning.memory);
  return events.flatMap((event) =>
    event.type === 'config' && other !== undefined ? [] : step(state, event).decisions,
  );
}

/** Pairs equal decisions, each at most once, and sorts all by time. */
function compare(then: readonly Decision[], now: readonly Decision[]): Compared[] {
  const unpaired = new Map<string, number>();
  for (const decision of then) {
    const key = identity(decision);
    unpaired.set(key, (unpaired.get(key) ?? 0) + 1);
  }
  const present = now.map((decision): Compared => {
    const key = identity(decision);
    const left = unpaired.get(key) ?? 0;
    unpaired.set(key, left - 1);
    return { occurs: left > 0 ? 'both' : 'only now', decision };
  });
  const missing: Compared[] = [];
  for (const decision of then.toReversed()) {
    const key = identity(decision);
    const left = unpaired.get(key) ?? 0;
    if (left <= 0) continue;
    unpaired.set(key, left - 1);
    missing.unshift({ occurs: 'only then', decision });
  }
  return [...missing, ...present].sort((a, b) => a.decision.at - b.decision.at);
}

/** All the fields of a decision, as JSON keeps them. */
function identity({ at, kind, provider, family, from, to, sentence, reason, numbers }: Decision): string {
  return JSON.stringify([
    at,
    kind,
    provider,
    family,
    from,
    to,
    sentence,
    reason,
    Object.entries(numbers).sort(),
  ]);
}

const marks: Readonly<Record<Occurrence, string>> = {
  both: '  =  ',
  'only then': 'then ',
  'only now': ' now ',
};

function page(compared: readonly Compared[], { events, notes }: Recording, { look }: Output): string {
  const narrow = { ...look, columns: look.columns - 5 };
  const lines = compared.flatMap(({ occurs, decision }) =>
    decisionLines(decision, narrow).map((line, index) => `${index === 0 ? marks[occurs] : '     '}${line}`),
  );
  const count = (occurs: Occurrence): number => compared.filter((line) => line.occurs === occurs).length;
  const sum = `${events.length} events, ${count('both')} decisions as then, ${count('only then')} only then, ${count('only now')} only now`;
  return [...lines, ...notes, sum].join('\n');
}
