import { messageOf } from '../../models/message-of.ts';
import type { Failure, FailureDetail, PlainCode } from '../../models/test-result.ts';
import { failed, notRun } from './failure.ts';

/** Why a primitive came to nothing, in words that can stand as the result of a check. */
export class ReachError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options: { cause?: unknown } = {}) {
    super(failure.reason, options);
    this.failure = failure;
  }
}

/** The provider, or what is asked through it, does not work. */
export function failure(what: PlainCode | FailureDetail, reason: string, cause?: unknown): ReachError {
  return new ReachError(failed(what, reason), { cause });
}

/** The check could not be made, which says nothing about the provider. */
export function impossible(reason: string, cause?: unknown): ReachError {
  return new ReachError(notRun(reason), { cause });
}

/** The result that an error stands for; anything but a `ReachError` is a mistake in the scenario. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ReachError) return error.failure;
  return notRun(`could not run: ${messageOf(error)}`);
}
