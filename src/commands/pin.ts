import { messageOf } from '../../models/message-of.ts';
import { formatSticky } from '../../models/sticky.ts';
import { nearest } from '../config/nearest.ts';
import { typedMs } from '../config/values/units.ts';
import { type OutputOptions, outputOf, refuse, unknownProvider } from '../report/output.ts';
import { moment } from '../report/terminal.ts';
import { writeSticky } from '../watch/write-sticky.ts';
import { badConfig } from './support/configuration.ts';
import { type Pinning, pinning } from './support/pinning.ts';

/** Options of `failover pin`. */
export interface PinOptions extends OutputOptions {
  readonly for?: string; // a length of time, after which the pin ends: '2h', '90' (seconds). @default no end
  readonly config?: string; // @default the running daemon's, else the one found next to the program
}

const longestMs = 366 * 86_400_000;

/**
 * `failover pin ID`: writes `sticky.provider`, which overrides every check. Returns the exit status: 1 on
 * failure, 78 when the configuration, which has the ids and the file's name, cannot be used.
 */
export async function pin(id: string, options: PinOptions): Promise<number> {
  const output = outputOf(options);
  const lengthMs = options.for === undefined ? undefined : spanMs(options.for);
  if (Number.isNaN(lengthMs))
    return refuse(
      output,
      `--for must be a length of time such as "2h", "90s" or "30m", at most 366d, not "${options.for}"`,
    );
  const found = await pinning(options.config);
  if (!found.ok) return refuse(output, found.complaint, badConfig);
  const { file, isRunning } = found;
  const mistake = wrongId(id, found);
  if (mistake !== undefined) return refuse(output, mistake);
  const until = lengthMs === undefined ? undefined : Date.now() + lengthMs;
  try {
    await writeSticky(file, formatSticky({ id, until }));
  } catch (error) {
    return refuse(output, messageOf(error));
  }
  if (output.json) output.print(JSON.stringify({ ok: true, id, until, file, daemon: isRunning }));
  else output.print(sentence(id, until, { file, isRunning }));
  return 0;
}

/** NaN for anything but a usable length of time. */
function spanMs(text: string): number {
  const ms = typedMs(text);
  return ms !== undefined && ms > 0 && ms <= longestMs ? ms : Number.NaN;
}

function wrongId(id: string, { providers }: Pinning): string | undefined {
  const known = providers.map((provider) => provider.id);
  const provider = providers.find((candidate) => candidate.id === id);
  if (provider?.enabled === false)
    return `${id} cannot be pinned: the configuration has 'enabled: false' for it`;
  if (provider !== undefined) return undefined;
  return unknownProvider(id, known, nearest(id, known));
}

function sentence(
  id: string,
  until: number | undefined,
  { file, isRunning }: { file: string; isRunning: boolean },
): string {
  const end = until === undefined ? 'until "failover unpin"' : `until ${moment(until)}`;
  const effect = isRunning
    ? ''
    : '\nNo daemon answered: it takes effect once one runs with this configuration.';
  return `Pinned to ${id} ${end} (${file}).${effect}`;
}
