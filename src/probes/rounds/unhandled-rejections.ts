import { ReachError } from '../../reach/reach-error.ts';

/**
 * From now on a promise that is rejected and that nobody waits for does not end the process, but is told: it comes from a
 * scenario that forgot it, which must not stop the others. The function returned takes that back.
 */
export function reportUnhandledRejections(tell: (sentence: string) => void): () => void {
  const tolerate = (reason: unknown): void => tell(sentenceFor(reason));
  process.on('unhandledRejection', tolerate);
  return () => void process.off('unhandledRejection', tolerate);
}

function sentenceFor(reason: unknown): string {
  if (reason instanceof ReachError) return `a scenario does not wait for what it began: ${reason.message}`;
  const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  return `something failed that nobody waited for, in a scenario of yours or in failover itself: ${text}`;
}
