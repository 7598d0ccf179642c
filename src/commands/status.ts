import type { Condition, Snapshot, StatusReport } from '../../models/snapshot.ts';
import { nearest } from '../config/nearest.ts';
import { controlSocket } from '../process/runtime-paths.ts';
import { AskError, ask } from '../report/ask.ts';
import {
  type Output,
  type OutputOptions,
  outputOf,
  refuse,
  unanswered,
  unknownProvider,
} from '../report/output.ts';
import { statusPage, statusSentence } from '../report/status-page.ts';
import { statusReport } from '../report/status-report.ts';
import { watchPage } from '../report/watch-page.ts';

/** Options of `failover status`. */
export interface StatusOptions extends OutputOptions {
  readonly all?: boolean; // all figures of every provider
  readonly brief?: boolean; // only the first sentence, on one line
  readonly check?: boolean; // the same, unless more is asked for; the exit status says how it is
  readonly watch?: boolean;
  readonly signal?: AbortSignal; // ends a watch, as Ctrl-C does
}

/** With `--check`: what monitoring expects of its plugins, OK, WARNING, CRITICAL and UNKNOWN. */
const exitCodes: Readonly<Record<Condition, number>> = { well: 0, degraded: 1, down: 2, unknown: 3 };
const unknownCode = exitCodes.unknown;

/**
 * `failover status [ID]`: whether the internet works, a line per provider, and what is not as it should be; with an
 * id or `all`, their figures. With `watch` it repeats once a second, even while no daemon answers. Returns the exit
 * status: 1 when no daemon answers, or no provider has the id; with `check`, 0 to 3.
 */
export async function status(id: string | undefined, options: StatusOptions): Promise<number> {
  const output = outputOf(options);
  if (options.watch) {
    const page = async (): Promise<string> => pageOf(await ask(controlSocket(), 'snapshot'), id, options);
    await watchPage(page, { output, ...(options.signal && { signal: options.signal }) });
    return 0;
  }
  try {
    const snapshot = await ask(controlSocket(), 'snapshot');
    const known = [...new Set(snapshot.paths.map(({ provider }) => provider))];
    if (id !== undefined && !known.includes(id))
      return refuse(output, unknownProvider(id, known, nearest(id, known)), options.check ? unknownCode : 1);
    output.print(pageOf(snapshot, id, options));
    return options.check ? exitCodes[statusReport(snapshot).condition] : 0;
  } catch (error) {
    return options.check ? unknown(output, error) : unanswered(output, error);
  }
}

/** The window may change its size while it is watched, so its style is read for each page. */
function pageOf(snapshot: Snapshot, id: string | undefined, options: StatusOptions): string {
  const { json, look } = outputOf(options);
  const { all, brief, check, watch } = options;
  if (json) return JSON.stringify(only(statusReport(snapshot), id), null, watch ? 0 : 2);
  if (brief || (check && !all && id === undefined)) return statusSentence(snapshot);
  if (id !== undefined) return statusPage(snapshot, look, { of: id });
  return statusPage(snapshot, look, all ? {} : undefined);
}

function only(report: StatusReport, id: string | undefined): StatusReport {
  return id === undefined
    ? report
    : { ...report, paths: report.paths.filter(({ provider }) => provider === id) };
}

/** Monitoring reads standard output, and nobody reads its standard error. */
function unknown(output: Output, error: unknown): number {
  if (!(error instanceof AskError)) throw error;
  if (output.json) return refuse(output, error.message, unknownCode);
  output.print(`failover: ${error.message}`);
  return unknownCode;
}
