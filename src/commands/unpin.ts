import { stat } from 'node:fs/promises';
import { messageOf } from '../../models/message-of.ts';
import { type OutputOptions, outputOf, refuse } from '../report/output.ts';
import { writeSticky } from '../watch/write-sticky.ts';
import { badConfig } from './support/configuration.ts';
import { pinning } from './support/pinning.ts';

/** Options of `failover unpin`. */
export interface UnpinOptions extends OutputOptions {
  readonly config?: string; // @default the running daemon's, else the one found next to the program
}

/** `failover unpin`: empties `sticky.provider`. Returns the exit status, as `pin` does. */
export async function unpin(options: UnpinOptions): Promise<number> {
  const output = outputOf(options);
  const found = await pinning(options.config);
  if (!found.ok) return refuse(output, found.complaint, badConfig);
  const { file } = found;
  const isPinned = await stat(file).then(({ size }) => size > 0, isHidden);
  try {
    if (isPinned) await writeSticky(file, '');
  } catch (error) {
    return refuse(output, messageOf(error));
  }
  const sentence = isPinned ? `No provider is pinned now (${file}).` : `No provider was pinned (${file}).`;
  output.print(output.json ? JSON.stringify({ ok: true, file, wasPinned: isPinned }) : sentence);
  return 0;
}

/** A missing file pins no provider; one that cannot be read may, and writing to it reports the obstacle. */
function isHidden(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code !== 'ENOENT' && code !== 'ENOTDIR';
}
