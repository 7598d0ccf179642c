import type { Decision } from '../../models/decision.ts';
import { type Family, families } from '../../models/path.ts';
import type { PathSnapshot, Snapshot } from '../../models/snapshot.ts';
import { nearest } from '../config/nearest.ts';
import { familyName } from '../core/format.ts';
import { controlSocket } from '../process/runtime-paths.ts';
import { ask } from '../report/ask.ts';
import { decisionLines, numberLines } from '../report/decision-lines.ts';
import {
  type Output,
  type OutputOptions,
  outputOf,
  refuse,
  unanswered,
  unknownProvider,
} from '../report/output.ts';
import { waitWords } from '../report/provider-lines.ts';
import { wrap } from '../report/terminal.ts';

/** A decision, and the verdict it followed from. */
interface Explained {
  readonly family: Family | undefined;
  readonly decision: Decision;
  readonly because: Decision | undefined; // for a switch: the verdict on the provider it moved away from
}

/**
 * `failover why [ID]`: the last switch of each family, or of one provider with its last verdicts, with the
 * figures and limits behind them. Returns the exit status: 1 when no daemon answers or no provider has the
 * id.
 */
export async function why(id: string | undefined, options: OutputOptions): Promise<number> {
  const output = outputOf(options);
  try {
    const socket = controlSocket();
    const [snapshot, decisions] = await Promise.all([ask(socket, 'snapshot'), ask(socket, 'decisions')]);
    const known = [...new Set(snapshot.paths.map(({ provider }) => provider))];
    if (id !== undefined && !known.includes(id))
      return refuse(output, unknownProvider(id, known, nearest(id, known)));
    const explained = id === undefined ? lastSwitches(decisions) : lastOf(id, decisions);
    if (output.json) output.print(JSON.stringify(explained, null, 2));
    else output.print(page(explained, { id, snapshot, output }));
    return 0;
  } catch (error) {
    return unanswered(output, error);
  }
}

function lastSwitches(decisions: readonly Decision[]): Explained[] {
  return families.flatMap((family) => {
    const decision = decisions.findLast(
      (candidate) => candidate.kind === 'switch' && candidate.family === family,
    );
    return decision === undefined ? [] : [explain(decision, decisions)];
  });
}

/**
 * For each family: the last switch to or from the provider, verdict on it, cause found and change of its
 * device.
 */
function lastOf(id: string, decisions: readonly Decision[]): Explained[] {
  const found = new Set<Decision>();
  for (const family of families) {
    for (const kind of ['health', 'cause', 'link', 'switch'] as const) {
      const decision = decisions.findLast(
        (candidate) => candidate.kind === kind && candidate.family === family && concerns(candidate, id),
      );
      if (decision !== undefined) found.add(decision);
    }
  }
  return decisions.filter((decision) => found.has(decision)).map((decision) => explain(decision, decisions));
}

function concerns({ kind, provider, from, to }: Decision, id: string): boolean {
  return kind === 'switch' ? from === id || to === id : provider === id;
}

function explain(decision: Decision, decisions: readonly Decision[]): Explained {
  const { kind, family, from, at } = decision;
  const because = decisions.findLast(
    (earlier) =>
      kind === 'switch' &&
      earlier.kind === 'health' &&
      earlier.family === family &&
      earlier.provider === from &&
      earlier.at <= at,
  );
  return { family, decision, because };
}

function present({ role, health, why: reason, failback }: PathSnapshot, at: number): string {
  const wait = failback === undefined ? '' : `; ${waitWords(failback, at)}`;
  return `${role}, ${health}: ${reason}${wait}`;
}

function page(
  explained: readonly Explained[],
  { id, snapshot, output: { look } }: { id: string | undefined; snapshot: Snapshot; output: Output },
): string {
  const past = explained.map(({ decision, because }) =>
    [
      ...decisionLines(decision, look),
      ...numberLines({ ...because?.numbers, ...decision.numbers }, look),
    ].join('\n'),
  );
  const states = snapshot.paths
    .filter(({ provider, role }) => provider === id && role !== 'absent')
    .flatMap((path) => wrap(`${familyName(path.family)} now: ${present(path, snapshot.at)}`, '', look));
  if (past.length === 0)
    past.push(
      id === undefined ? 'No traffic has been moved yet.' : `Nothing has been decided about ${id} yet.`,
    );
  return [...past, ...(states.length === 0 ? [] : [states.join('\n')])].join('\n\n');
}
