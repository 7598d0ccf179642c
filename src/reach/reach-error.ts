import { messageOf } from '../../models/message-of.ts';
import type { Failure, FailureDetail, PlainCode } from '../../models/test-result.ts';
import { failed, notRun } from './failure.ts';

/** Why a primitive failed, in words fit for the result of a check. */
export class ReachError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options: { cause?: unknown } = {}) {
    super(failure.reason, options);
    this.failure = failure;
  }
}

/** The error when the provider, or what is reached through it, does not work. */
export function failure(what: PlainCode | FailureDetail, reason: string, cause?: unknown): ReachError {
  return new ReachError(failed(what, reason), { cause });
}

/** The error when the check could not be made, which says nothing about the provider. */
export function impossible(reason: string, cause?: unknown): ReachError {
  return new ReachError(notRun(reason), { cause });
}

/** The result that an error means; anything but a `ReachError` is a mistake in the scenario. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ReachError) return error.failure;
  return notRun(`could not run: ${messageOf(error)}`);
}
