import { ReachError } from '../../reach/reach-error.ts';

/**
 * From now on an unhandled rejection does not end the process, but is reported: it comes from a scenario that forgot to
 * await a promise, which must not stop the others. The returned function undoes this.
 */
export function reportUnhandledRejections(report: (sentence: string) => void): () => void {
  const onRejection = (reason: unknown): void => report(sentenceFor(reason));
  process.on('unhandledRejection', onRejection);
  return () => void process.off('unhandledRejection', onRejection);
}

function sentenceFor(reason: unknown): string {
  if (reason instanceof ReachError) return `a scenario does not wait for what it began: ${reason.message}`;
  const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  return `something that nothing awaited failed, in a scenario of yours or in failover itself: ${text}`;
}
