/** Asks ModemManager for its modems, through mmcli. It only reads: nothing is enabled, connected or reset. */
import type { Modem } from '../../../models/modem.ts';
import { run } from '../../kernel/exec.ts';
import { readModem, readModemPaths } from './read-modem.ts';

const timeoutMs = 5000;

/** Every modem, in the order of the list. @throws {Error} without mmcli or ModemManager, or when it is slow */
export async function askModems(): Promise<readonly Modem[]> {
  const modems: Modem[] = [];
  for (const path of readModemPaths(await mmcli('-L'))) {
    // One that is removed meanwhile is none.
    const shown = await mmcli('-m', path).catch(gone);
    const modem = readModem(shown, shown && (await mmcli('-m', path, '--signal-get').catch(gone)));
    if (modem !== undefined) modems.push(modem);
  }
  return modems;
}

function gone(): undefined {
  return undefined;
}

/** @throws {Error} when it fails; {ExecError} when it is missing or slow */
async function mmcli(...args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await run('mmcli', [...args, '-J'], { timeoutMs });
  if (code === 0) return JSON.parse(stdout);
  const [first = `it ended with ${code}`] = stderr.trim().split('\n');
  throw new Error(first.replace(/^error: /, ''));
}
