import type { Decision } from '../../models/decision.ts';
import { type Family, families } from '../../models/path.ts';
import { nearest } from '../config/nearest.ts';
import { familyName } from '../core/format.ts';
import { areAlike, joinTwins } from '../core/report/both-families.ts';
import { decisionLines, numberLines } from '../report/decision-lines.ts';
import {
  type Output,
  type OutputOptions,
  outputOf,
  refuse,
  unanswered,
  unknownProvider,
} from '../report/output.ts';
import { type TerminalStyle, wrap } from '../report/terminal.ts';
import { askOrRead, type Known } from './support/known.ts';

/** A decision, and the verdict it followed from. */
interface Explained {
  readonly family: Family | undefined;
  readonly decision: Decision;
  readonly because: Decision | undefined; // for a switch: the verdict on the provider it moved away from
}

/**
 * `failover why [ID]`: the last switch of each family, or of one provider with its last verdicts, with the
 * figures and limits behind them. Returns the exit status: 1 when no provider has the id, or no daemon answers and
 * none has left its decisions.
 */
export async function why(id: string | undefined, options: OutputOptions): Promise<number> {
  const output = outputOf(options);
  try {
    const known = await askOrRead(output);
    const ids = [...new Set(known.paths.map(({ provider }) => provider))];
    if (
      id !== undefined &&
      !ids.includes(id) &&
      (known.isPresent || lastOf(id, known.decisions).length === 0)
    )
      return refuse(output, unknownProvider(id, ids, nearest(id, ids)));
    const explained = id === undefined ? lastSwitches(known.decisions) : lastOf(id, known.decisions);
    if (output.json) output.print(JSON.stringify(explained, null, 2));
    else output.print(page(explained, { id, known, output }));
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

function page(
  explained: readonly Explained[],
  { id, known, output: { look } }: { id: string | undefined; known: Known; output: Output },
): string {
  const past = joinExplained(explained).map(({ decision, because }) =>
    [
      ...decisionLines(decision, look),
      ...numberLines({ ...because?.numbers, ...decision.numbers }, look),
    ].join('\n'),
  );
  const states = stateLines(known, id, look);
  if (past.length === 0)
    past.push(
      id === undefined ? 'No traffic has been moved yet.' : `Nothing has been decided about ${id} yet.`,
    );
  return [...past, ...(states.length === 0 ? [] : [states.join('\n')])].join('\n\n');
}

/** What IPv4 and IPv6 did together is explained once. */
function joinExplained(explained: readonly Explained[]): readonly Explained[] {
  return joinTwins(explained.map(({ decision }) => decision)).flatMap((joined) => {
    const own = explained.find(({ decision }) => decision.id === joined.id);
    return own === undefined ? [] : [{ ...own, decision: joined }];
  });
}

/** How the provider is, or was when the daemon last stored it. */
function stateLines({ paths, isPresent }: Known, id: string | undefined, look: TerminalStyle): string[] {
  const own = paths.filter(({ provider }) => provider === id);
  const [first, second] = own;
  const areTheSame = first !== undefined && second !== undefined && areAlike(first.words, second.words);
  const then = isPresent ? 'now' : 'then';
  if (areTheSame) return wrap(`IPv4 and IPv6 ${then}: ${first.words}`, '', look);
  return own.flatMap(({ family, words }) => wrap(`${familyName(family)} ${then}: ${words}`, '', look));
}
