/** Translates source addresses, where `nat` says so, by the mark of the connection's provider. */

import { hexMark } from '../../../models/mark.ts';
import { families } from '../../../models/path.ts';
import type { PathState } from '../state/state.ts';
import { protocol, type TablePart, type VerdictEntry, vmap, word } from './nft-syntax.ts';

/** A chain for each path that translates addresses. */
export function natChains(paths: readonly PathState[]): TablePart[] {
  return paths.filter(translates).map(({ family, provider: { id, interfaceName, nat } }) => {
    const how = nat[family] === 'masquerade' ? 'masquerade' : `snat ${word(family)} to ${nat[family]}`;
    return { name: `nat-${id}-${protocol(family)}`, lines: [`oifname "${interfaceName}" ${how}`] };
  });
}

/** The base chain that leads to those; none where no path translates. */
export function srcnat(mask: number, hook: string, paths: readonly PathState[]): TablePart[] {
  const lines = families.flatMap((family) => {
    const own = paths.filter((path) => path.family === family && translates(path));
    const entries = own.map(
      ({ provider: { id, mark } }): VerdictEntry => [hexMark(mark), `goto nat-${id}-${protocol(family)}`],
    );
    return own.length === 0
      ? []
      : [`meta nfproto ${protocol(family)} ct mark & ${hexMark(mask)} ${vmap(entries)}`];
  });
  return lines.length === 0 ? [] : [{ name: 'srcnat', lines: [hook, ...lines] }];
}

function translates({ family, provider }: PathState): boolean {
  return provider.nat[family] !== 'none';
}
