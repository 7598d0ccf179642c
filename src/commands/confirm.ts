import { copyFile, readFile, realpath, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ordersSocket } from '../process/runtime-paths.ts';
import { order } from '../report/ask.ts';
import { type OutputOptions, outputOf, unordered } from '../report/output.ts';
import { remedy, replaceFile } from '../watch/replace-file.ts';

/** `failover confirm`: the configuration on trial replaces the daemon's own. Returns the exit status. */
export async function confirm(options: OutputOptions): Promise<number> {
  const output = outputOf(options);
  try {
    const { file, text, configFile } = await order(ordersSocket(), 'trial');
    const kept = await takePlace(configFile, text);
    // else it is a newer draft
    if ((await readFile(file, 'utf8').catch(() => undefined)) === text) await rm(file, { force: true });
    if (output.json) output.print(JSON.stringify({ ok: true, file: configFile, earlier: kept }));
    else output.print(`Confirmed: ${configFile} now holds it; the earlier one is in ${kept}`);
    return 0;
  } catch (error) {
    return unordered(output, error);
  }
}

/**
 * Returns where the earlier configuration is kept. When the daemon says that it is too late, it is put back.
 */
async function takePlace(configFile: string, text: string): Promise<string> {
  const kept = `${configFile}.before`;
  try {
    await copyFile(configFile, kept);
    await replace(configFile, text);
  } catch (error) {
    throw new Error(
      `the trial goes on, because ${configFile} cannot be written: ${remedy(error, dirname(configFile))}`,
      {
        cause: error,
      },
    );
  }
  try {
    await order(ordersSocket(), 'confirm');
    return kept;
  } catch (error) {
    await replace(configFile, await readFile(kept, 'utf8'));
    throw error;
  }
}

async function replace(file: string, text: string): Promise<void> {
  const target = await realpath(file); // a symbolic link stays one
  await replaceFile(target, text, await stat(target));
}
