/** Which providers a state has because their devices match a pattern, and how that changes. */
import type { Config } from '../../../models/config.ts';
import type { Provider } from '../../../models/provider.ts';
import type { State } from '../state/state.ts';
import { expand } from './pattern-providers.ts';

/** A provider that is there because of a pattern now, or is not any more. */
export interface MemberNews {
  readonly provider: Provider;
  readonly isNew: boolean;
}

/** The configuration with the providers that are there now. The one the state has, when they are the same. */
export function presentMembers(state: State): Config {
  const { written, config, links } = state;
  if (links === undefined || written.patterns === undefined) return written;
  const members = new Set(found(config).map(({ interfaceName }) => interfaceName));
  const expanded = expand(written, { links, numbers: state.numbers, members });
  state.numbers = expanded.numbers;
  return expanded.config;
}

/** What another configuration has, of the members of patterns, that the present one lacks, and the other way round. */
export function memberNews(state: State, next: Config): readonly MemberNews[] {
  const [before, after] = [found(state.config), found(next)];
  return [
    ...lacking(before, after).map((provider) => ({ provider, isNew: false })),
    ...lacking(after, before).map((provider) => ({ provider, isNew: true })),
  ];
}

function found({ providers }: Config): readonly Provider[] {
  return providers.filter(({ foundBy }) => foundBy !== undefined);
}

function lacking(some: readonly Provider[], others: readonly Provider[]): readonly Provider[] {
  const present = new Set(others.map(({ id, interfaceName }) => `${id} ${interfaceName}`));
  return some.filter(({ id, interfaceName }) => !present.has(`${id} ${interfaceName}`));
}
