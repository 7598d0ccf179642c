import { ordersSocket } from '../process/runtime-paths.ts';
import { order } from '../report/ask.ts';
import { type OutputOptions, outputOf, unordered } from '../report/output.ts';

/** `failover revert`: ends a trial and restores the earlier configuration. Returns the exit status. */
export async function revert(options: OutputOptions): Promise<number> {
  const output = outputOf(options);
  try {
    const { file } = await order(ordersSocket(), 'revert');
    if (output.json) output.print(JSON.stringify({ ok: true, file }));
    else output.print(`The earlier configuration is back; what was tried is in ${file}`);
    return 0;
  } catch (error) {
    return unordered(output, error);
  }
}
