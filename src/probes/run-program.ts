import type { ExecOptions, ExecOutcome } from '../../models/primitives.ts';
import type { Provider } from '../../models/provider.ts';
import { ExecError, runInGroup } from '../kernel/exec.ts';
import type { ReachContext } from '../reach/reach-context.ts';
import { impossible } from '../reach/reach-error.ts';

/**
 * It is killed ahead of the deadline, so that its output can still be reported: by a tenth of the time, at
 * most this.
 */
const mostKillAheadMs = 50;

/**
 * Runs a program with the path in its environment. It and its children are killed at the deadline (`killed` is then
 * true), its children also as soon as it has ended. @throws {ReachError} when it could not be started
 */
export async function runProgram(
  context: ReachContext,
  provider: Provider,
  [program = '', ...args]: readonly string[],
  { env = {} }: ExecOptions<string>,
): Promise<ExecOutcome> {
  const { scope } = context;
  const startedAt = performance.now();
  const cancel = new AbortController();
  const release = scope.hold(() => cancel.abort());
  try {
    const ended = runInGroup(program, args, {
      timeoutMs: Math.max(1, scope.remainingMs - Math.min(mostKillAheadMs, scope.timeoutMs / 10)),
      signal: cancel.signal,
      env: { ...environment(context, provider), ...env },
    });
    const outcome = await scope.until(ended, () => `running ${program}`, 'unfinished');
    return { ...outcome, tookMs: performance.now() - startedAt };
  } catch (error) {
    if (error instanceof ExecError) throw impossible(error.message, error);
    throw error;
  } finally {
    release();
  }
}

/** The variables that a program needs to use the right provider. */
function environment({ family, binding, scope }: ReachContext, provider: Provider): Record<string, string> {
  return {
    FAILOVER_PROVIDER: provider.id,
    FAILOVER_DEVICE: binding.interfaceName,
    FAILOVER_ADDRESS: binding.address,
    FAILOVER_GATEWAY: binding.gateway ?? '',
    FAILOVER_TABLE: String(provider.rtTableId),
    FAILOVER_MARK: binding.mark === undefined ? '' : String(binding.mark),
    FAILOVER_FAMILY: String(family),
    FAILOVER_TIMEOUT_MS: String(Math.round(scope.timeoutMs)),
  };
}
