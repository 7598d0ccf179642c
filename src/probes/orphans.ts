import { ProbeError } from './probe-error.ts';

/**
 * From now on the process survives a scenario that does not wait for what it began: the rejection of a primitive that
 * nobody handles is a warning. Any other rejection still ends the process. The function returned takes that back.
 */
export function tolerateOrphans(): () => void {
  process.on('unhandledRejection', tolerate);
  return () => void process.off('unhandledRejection', tolerate);
}

function tolerate(reason: unknown): void {
  if (!(reason instanceof ProbeError)) throw reason;
  process.emitWarning(`a scenario does not wait for what it began: ${reason.message}`);
}
