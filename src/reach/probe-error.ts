import type { Failure, FailureDetail, PlainCode } from '../../models/test-result.ts';
import { failed, notRun } from './failure.ts';

/** Why a primitive came to nothing, in words that can stand as the result of a check. */
export class ProbeError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options: { cause?: unknown } = {}) {
    super(failure.reason, options);
    this.failure = failure;
  }
}

/** The provider, or what is asked through it, does not work. */
export function failure(what: PlainCode | FailureDetail, reason: string, cause?: unknown): ProbeError {
  return new ProbeError(failed(what, reason), { cause });
}

/** The check could not be made, which says nothing about the provider. */
export function impossible(reason: string, cause?: unknown): ProbeError {
  return new ProbeError(notRun(reason), { cause });
}

/** The result that an error stands for; anything but a `ProbeError` is a mistake in the scenario. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ProbeError) return error.failure;
  return notRun(`could not run: ${error instanceof Error ? error.message : String(error)}`);
}
