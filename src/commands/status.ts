import { controlSocket } from '../process/runtime-paths.ts';
import { ask } from '../report/ask.ts';
import { type OutputOptions, outputOf, unanswered } from '../report/output.ts';
import { statusPage } from '../report/status-page.ts';
import { watchPage } from '../report/watch-page.ts';

/** Options of `failover status`. */
export interface StatusOptions extends OutputOptions {
  readonly watch?: boolean;
  readonly signal?: AbortSignal; // ends a watch, as Ctrl-C does
}

/**
 * `failover status`: every provider, its state and why, and what is not as it should be. With `watch` it
 * repeats once a second, even while no daemon answers. Returns the exit status: 1 when no daemon answers.
 */
export async function status(options: StatusOptions): Promise<number> {
  const output = outputOf(options);
  const page = async (): Promise<string> => {
    const snapshot = await ask(controlSocket(), 'snapshot');
    if (output.json) return JSON.stringify(snapshot, null, options.watch ? 0 : 2);
    return statusPage(snapshot, outputOf(options).look); // read each time: a window may change its size
  };
  if (options.watch) {
    await watchPage(page, { output, ...(options.signal && { signal: options.signal }) });
    return 0;
  }
  try {
    output.print(await page());
    return 0;
  } catch (error) {
    return unanswered(output, error);
  }
}
