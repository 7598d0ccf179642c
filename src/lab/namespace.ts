/** Running things inside one of the lab's namespaces. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { type Outcome, run, start } from '../kernel/exec.ts';

/** Where `ip netns` keeps the names; private to the lab's mount namespace. */
const netnsFolder = '/run/netns';

/**
 * The words before a command that run it in a namespace; `nsenter` needs no /sys of its own, unlike `ip netns
 * exec`.
 */
export function inside(namespace: string): readonly [string, string] {
  return ['nsenter', `--net=${netnsFolder}/${namespace}`];
}

/** Runs a program to completion in a namespace. @throws {ExecError} as `run` does */
export function runInside(
  namespace: string,
  command: readonly string[],
  options: { timeoutMs?: number; input?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> {
  const [program, ...args] = inside(namespace);
  return run(program, [...args, ...command], options);
}

/** Runs a program in a namespace. @throws {Error} unless it exits with 0 */
export async function must(namespace: string, command: readonly string[], input?: string): Promise<string> {
  const outcome = await runInside(namespace, command, input === undefined ? {} : { input });
  if (outcome.code === 0) return outcome.stdout;
  throw new Error(
    `In ${namespace}, "${command.join(' ')}" ended with ${outcome.code}: ${outcome.stderr.trim()}`,
  );
}

/** Starts a long-running program. It is killed when this process dies, however that happens. */
export function startInside(
  namespace: string,
  command: readonly string[],
  options: { env?: Readonly<Record<string, string>>; cwd?: string } = {},
): ChildProcessWithoutNullStreams {
  const [program, ...args] = inside(namespace);
  return start(program, [...args, 'setpriv', '--pdeathsig', 'KILL', ...command], options);
}
