import { readFile, realpath, rm } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { typedMs } from '../config/values/units.ts';
import { trialFile } from '../daemon/reloader.ts';
import { controlSocket, ordersSocket } from '../process/runtime-paths.ts';
import { AskError, ask, order } from '../report/ask.ts';
import { type Output, type OutputOptions, outputOf, refuse, unordered } from '../report/output.ts';
import { moment } from '../report/terminal.ts';
import { remedy, replaceFile } from '../watch/replace-file.ts';

/** Options of `failover apply`. */
export interface ApplyOptions extends OutputOptions {
  readonly confirm?: string; // the time after which the earlier configuration comes back: '2m', '90' (seconds)
}

const longestMs = 86_400_000;

/**
 * `failover apply [FILE] --confirm 120s`: the running daemon switches to another configuration, and reverts
 * by itself unless `failover confirm` comes in time. `FILE` @default `config.trial.ts` next to the daemon's
 * `config.ts`; any other file is copied there. Returns the exit status: 1 on failure, 78 when the
 * configuration has mistakes.
 */
export async function apply(file: string | undefined, options: ApplyOptions): Promise<number> {
  const output = outputOf(options);
  const { confirm = '120s' } = options;
  const forMs = typedMs(confirm) ?? 0;
  if (forMs < 1000 || forMs > longestMs)
    return refuse(
      output,
      `--confirm must be a length of time from 1s to 24h, such as "2m" or "90s", not "${confirm}"`,
    );
  try {
    await refuseSecond();
    const { configFile } = await ask(controlSocket(), 'snapshot');
    const takeBack = await putNextTo(configFile, file);
    const { file: tried, until } = await order(ordersSocket(), 'apply', String(forMs)).catch(
      async (error: unknown) => {
        await takeBack();
        throw inTermsOf(file, trialFile(configFile), error);
      },
    );
    report(output, tried, until);
    return 0;
  } catch (error) {
    return unordered(output, error);
  }
}

/** The daemon's refusal, with the name of the file that was given: it read a copy. */
function inTermsOf(given: string | undefined, place: string, error: unknown): unknown {
  if (given === undefined || !(error instanceof AskError)) return error;
  return new AskError(error.kind, error.message.replaceAll(place, given));
}

/** Before anything is written: detects a user without permission, and a trial that is already under way. */
async function refuseSecond(): Promise<void> {
  const running = await order(ordersSocket(), 'trial').catch((error: unknown) => {
    if (error instanceof AskError && error.kind === 'refused') return undefined; // no trial is under way
    throw error;
  });
  if (running === undefined) return;
  throw new Error(
    `${running.file} is already on trial, until ${moment(running.until)}: "failover confirm" keeps it, "failover revert" ends it`,
  );
}

/** Puts a configuration where the daemon finds it, next to its own, so that its imports resolve, too. */
async function putNextTo(configFile: string, given: string | undefined): Promise<() => Promise<void>> {
  const place = trialFile(configFile);
  const nothing = async (): Promise<void> => undefined; // the operator's own file stays, whatever the outcome
  if (given === undefined || (await samePath(given, place))) return nothing;
  if (await samePath(given, configFile))
    throw new Error(
      `${given} is the daemon's own configuration, which takes effect by itself when it is changed; make the change in a copy: cp ${configFile} ${place}, edit ${place}, then "failover apply"`,
    );
  if (extname(given) !== extname(configFile))
    throw new Error(
      `${given} cannot take the place of ${configFile}: its name must end in ${extname(configFile)}, too`,
    );
  const text = await readFile(given, 'utf8').catch((error: unknown) => {
    throw new Error(`${given} cannot be read: ${String(error)}`, { cause: error });
  });
  const earlier = await readFile(place, 'utf8').catch(() => undefined); // an earlier trial's, if there was one
  try {
    await replaceFile(place, text, undefined);
  } catch (error) {
    throw new Error(`${given} cannot be copied to ${place}: ${remedy(error, dirname(place))}`, {
      cause: error,
    });
  }
  return () => (earlier === undefined ? rm(place, { force: true }) : replaceFile(place, earlier, undefined));
}

async function samePath(one: string, other: string): Promise<boolean> {
  // may not exist yet
  const [a, b] = await Promise.all([one, other].map((path) => realpath(path).catch(() => resolve(path))));
  return a === b;
}

function report(output: Output, file: string, until: number): void {
  if (output.json) {
    output.print(JSON.stringify({ ok: true, file, until }));
    return;
  }
  output.print(
    [
      `On trial until ${moment(until)}: ${file}`,
      'Can you still reach everything? "failover confirm" keeps it; otherwise the earlier configuration comes back',
      'by itself, or at once with "failover revert".',
    ].join('\n'),
  );
}
