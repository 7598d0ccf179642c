import type { Decision } from '../../models/decision.ts';
import { joinTwins } from '../core/report/both-families.ts';
import { decisionLines } from '../report/decision-lines.ts';
import { type OutputOptions, outputOf, refuse, unanswered } from '../report/output.ts';
import { askOrRead } from './support/known.ts';

/** Options of `failover history`. */
export interface HistoryOptions extends OutputOptions {
  readonly limit?: string; // how many of the latest decisions, as typed. @default '50'
  readonly verbose?: boolean; // with the commands that ran in the kernel
}

/**
 * `failover history`: past decisions, newest last; what IPv4 and IPv6 did together is one. Returns the exit status: 1
 * when no daemon answers, and none has left its decisions.
 */
export async function history(options: HistoryOptions): Promise<number> {
  const output = outputOf(options);
  const { limit = '50', verbose = false } = options;
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1)
    return refuse(output, `--limit must be a whole number, at least 1, not "${limit}"`);
  try {
    const { decisions } = await askOrRead(output);
    const shown = joinTwins(verbose ? decisions : decisions.filter(isNews)).slice(-count);
    if (output.json) output.print(JSON.stringify(decisions.slice(-count), null, 2));
    else if (shown.length === 0) output.print('Nothing has been decided yet.');
    else
      output.print(shown.flatMap((decision) => decisionLines(decision, output.look, { verbose })).join('\n'));
    return 0;
  } catch (error) {
    return unanswered(output, error);
  }
}

/** That the routes followed a decision goes without saying. */
function isNews({ kind, numbers }: Decision): boolean {
  return kind !== 'kernel' || numbers['kind'] !== 'changed';
}
