import { messageOf } from '../../models/message-of.ts';
/**
 * One thing an install does. Steps are done in order; when one fails, those before it are undone, last first.
 */
export interface Step {
  readonly what: string; // "write /etc/…"
  readonly shows?: string; // the content of a file, for a dry run
  readonly restarts?: boolean; // once it is done, a running daemon is out of date
  /** Whether nothing is left to do. */
  isDone(): boolean | Promise<boolean>;
  act(): void | Promise<void>;
  /** Reverts what `act` did, even if it failed half way. */
  undo(): void | Promise<void>;
}

/** A step failed, and those before it were undone; `message` says which, and whether all could be undone. */
export class StepError extends Error {}

/**
 * Does the steps that are not done yet, and returns their names. `say` is called before each.
 * @throws {StepError}
 */
export async function perform(
  steps: readonly Step[],
  say: (what: string) => void,
): Promise<readonly string[]> {
  const begun: Step[] = [];
  for (const step of steps) {
    try {
      if (await step.isDone()) continue;
      say(step.what);
      begun.push(step);
      await step.act();
    } catch (error) {
      const problems = await undoAll(begun);
      const undone =
        problems.length === 0
          ? 'everything is as it was before'
          : `not everything could be undone: ${problems.join('; ')}`;
      throw new StepError(`could not ${step.what}: ${messageOf(error)}\n${undone}`, { cause: error });
    }
  }
  return begun.map(({ what }) => what);
}

/** The steps that are left to do, none of them done. */
export async function pending(steps: readonly Step[]): Promise<readonly Step[]> {
  const left: Step[] = [];
  for (const step of steps) if (!(await step.isDone())) left.push(step);
  return left;
}

async function undoAll(begun: readonly Step[]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const step of begun.toReversed()) {
    try {
      await step.undo();
    } catch (error) {
      problems.push(`${step.what}: ${messageOf(error)}`);
    }
  }
  return problems;
}
