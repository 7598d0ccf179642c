/** Which rules to add and to remove, and in which order. */
import { families } from '../../../models/path.ts';
import { lastPreference, mainTable, type Rule } from '../../../models/route.ts';
import { spellRule } from './spell.ts';

/** Changes to rules, each list in the order in which to make them. */
export interface ChangedRules {
  readonly moved: readonly Rule[]; // taken away first: they must come after one that is added, and are added again
  readonly added: readonly Rule[];
  readonly removed: readonly Rule[];
}

/** Rules have no content apart from their identity; at the last preference, their order counts too. */
export function changedRules(desired: readonly Rule[], actual: readonly Rule[]): ChangedRules {
  const [wanted, present] = [byKey(desired), byKey(actual)];
  const moved = misplaced(wanted, present);
  const added = [...wanted].filter(([key]) => !present.has(key) || moved.has(key));
  const removed = [...present].filter(([key]) => !wanted.has(key));
  return {
    moved: [...moved.values()].reverse(),
    added: added.map(([, rule]) => rule).sort((a, b) => place(a) - place(b)),
    removed: removed
      .map(([, rule]) => rule)
      .reverse()
      .sort((a, b) => place(b) - place(a)),
  };
}

type Keyed = ReadonlyMap<string, Rule>;

function byKey(rules: readonly Rule[]): Keyed {
  return new Map(rules.map((rule) => [`${rule.family} ${spellRule(rule).join(' ')}`, rule]));
}

/** Where several rules have one preference, the kernel adds each after those that are there. */
function misplaced(wanted: Keyed, present: Keyed): Keyed {
  const last = (rules: Keyed, isInOther: Keyed | undefined, family: Rule['family']): [string, Rule][] =>
    [...rules].filter(
      ([key, rule]) =>
        rule.pref === lastPreference && rule.family === family && isInOther?.has(key) !== false,
    );
  return new Map(
    families.flatMap((family) => {
      const order = last(wanted, undefined, family);
      let inPlace = 0;
      return last(present, wanted, family).filter(([key]) => {
        if (key !== order[inPlace]?.[0]) return true;
        inPlace += 1;
        return false;
      });
    }),
  );
}

/**
 * The target of a `goto` exists before it, and the `goto` before the rule that it skips. Rules are removed in reverse
 * order.
 */
function place({ goto, table, suppressPrefixLength }: Rule): 0 | 1 | 2 {
  if (goto !== undefined) return 1;
  return table === mainTable && suppressPrefixLength === undefined ? 0 : 2;
}
