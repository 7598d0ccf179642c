import { type Mistake, mistake } from '../mistake.ts';
import type { ProviderDraft } from '../resolve/draft.ts';
import { isPattern } from '../values/pattern.ts';
import type { Rule } from './rule.ts';

const longestId = 16; // with a '-' and the 15 bytes of an interface's name, 32

const ownKeys = ['gateways', 'ipv4Address', 'network', 'ipv6Address', 'ipv6Network', 'rtTableName'] as const;

/** What a provider whose interfaces are found by pattern must not set: each member has its own. */
export const patternRules: readonly Rule[] = [
  {
    reads: [],
    severity: 'mistake',
    find: ({ entries }) =>
      entries.filter(({ values }) => isPattern(values.interfaceName)).flatMap(judgePattern),
  },
];

function judgePattern({ path, values }: ProviderDraft): readonly Mistake[] {
  const { id, interfaceName } = values;
  const extra = ownKeys.filter((key) => !['auto', 'none', undefined].includes(values[key]));
  const rule = `must not be set where interfaceName is '${interfaceName}', as each interface has its own; remove it, or name the interface`;
  return [
    ...extra.map((key) => mistake(`${path}.${key}`, rule, { found: values[key] })),
    ...(id !== undefined && id.length > longestId
      ? [
          mistake(
            `${path}.id`,
            `must have at most ${longestId} characters, as each interface's id is this and its name`,
            { found: id },
          ),
        ]
      : []),
  ];
}
