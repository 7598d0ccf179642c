import type { Config } from '../../models/config.ts';
import { type Surroundings, settle } from '../core/routes/claims.ts';
import { desired } from '../core/routes/desired.ts';
import type { State } from '../core/state/state.ts';

/** The operator wrote numbers that others use; the message is a sentence for each. */
export class NumbersInUse extends Error {}

/** The configuration with numbers that are free to take, or ours already. @throws {NumbersInUse} */
export function withFreeNumbers(config: Config, around: Surroundings): Config {
  const settled = settle(config, around);
  if (settled.refusals.length > 0) throw new NumbersInUse(settled.refusals.join('\n'));
  return settled.config;
}

/** What is known of the kernel once the daemon runs. */
export function surroundings(state: State): Surroundings {
  return {
    links: state.links ?? { defaults: [] },
    own: desired(state) ?? { routes: [], rules: [] },
    earlier: state.configured.claims,
  };
}
