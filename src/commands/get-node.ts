import { join } from 'node:path';
import { programFolder } from '../process/program.ts';
import { type OutputOptions, outputOf } from '../report/output.ts';

/**
 * `failover get-node`: says which Node.js this copy of the program runs with. The launcher has downloaded one by now,
 * where the system has none that will do.
 */
export function getNode(options: OutputOptions): number {
  const output = outputOf(options);
  const { execPath, version } = process;
  const own = execPath.startsWith(join(programFolder, 'node/'));
  if (output.json) output.print(JSON.stringify({ ok: true, version, path: execPath, own }));
  else if (own)
    output.print(
      `This copy of failover runs with its own Node.js ${version}, ${execPath}: nothing else uses it.`,
    );
  else output.print(`Node.js ${version}, ${execPath}, is recent enough: nothing was downloaded.`);
  return 0;
}
