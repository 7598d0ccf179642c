import { controlSocket } from '../process/runtime-paths.ts';
import { ask } from '../report/ask.ts';
import { decisionLines } from '../report/decision-lines.ts';
import { type OutputOptions, outputOf, refuse, unanswered } from '../report/output.ts';

/** Options of `failover history`. */
export interface HistoryOptions extends OutputOptions {
  readonly limit?: string; // how many of the latest decisions, as typed. @default '50'
}

/** `failover history`: past decisions, newest last. Returns the exit status: 1 when no daemon answers. */
export async function history(options: HistoryOptions): Promise<number> {
  const output = outputOf(options);
  const { limit = '50' } = options;
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1)
    return refuse(output, `--limit must be a whole number, at least 1, not '${limit}'`);
  try {
    const decisions = (await ask(controlSocket(), 'decisions')).slice(-count);
    if (output.json) output.print(JSON.stringify(decisions, null, 2));
    else if (decisions.length === 0) output.print('Nothing has been decided yet.');
    else output.print(decisions.flatMap((decision) => decisionLines(decision, output.look)).join('\n'));
    return 0;
  } catch (error) {
    return unanswered(output, error);
  }
}
