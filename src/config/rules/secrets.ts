/** Finds passwords and tokens in the configuration itself, which every user of the machine may read. */
import type { TestScenario } from '../../../models/test-scenario.ts';
import { type Mistake, mistake } from '../mistake.ts';
import type { ResolvedConfig } from '../resolve/resolve-defaults.ts';
import type { Rule } from './rule.ts';

/** Names of headers, variables, options and parameters that usually hold secrets. */
const secretName =
  /^(proxy-)?authorization$|^cookie$|passw(or)?d|passphrase|secret|token|credential|api[-_]?key|^key$|^auth$/i;

const remedy = "{ secret: 'NAME' }, and set it: sudo failover secret set NAME";

export const secretRules: readonly Rule[] = [
  {
    reads: [],
    severity: 'warning',
    find: (resolved) =>
      listsOf(resolved).flatMap(({ path, scenarios }) =>
        scenarios.flatMap((scenario, i) => literals(plainOf(scenario), `${path}[${i}]`)),
      ),
  },
];

function listsOf({ testScenarios, entries }: ResolvedConfig) {
  const own = entries.map((entry) => ({
    path: `${entry.path}.testScenarios`,
    scenarios: entry.testScenarios ?? [],
  }));
  return [{ path: 'testScenarios', scenarios: testScenarios }, ...own];
}

type Fields = Readonly<Record<string, unknown>>;

/** The plain form of one of our scenarios; empty for an operator's own. */
function plainOf(scenario: TestScenario): Fields {
  const { plain } = { plain: undefined, ...('plain' in scenario ? { plain: scenario.plain } : {}) };
  return fieldsOf(plain);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

/** The values are not shown: what is printed ends up in logs. */
function literals(plain: Fields, path: string): readonly Mistake[] {
  const { http, headers, env, exec } = plain;
  return [
    ...inUrl(http, `${path}.http`),
    ...named(fieldsOf(headers), `${path}.headers`),
    ...named(fieldsOf(env), `${path}.env`),
    ...inArguments(exec, `${path}.exec`),
  ];
}

function named(texts: Fields, path: string): readonly Mistake[] {
  return Object.entries(texts).flatMap(([name, value]) =>
    typeof value === 'string' && value !== '' && secretName.test(name) ? [open(`${path}.${name}`)] : [],
  );
}

function open(path: string): Mistake {
  return mistake(path, `is a secret that every user of this machine may read here; write ${remedy}`);
}

function inUrl(text: unknown, path: string): readonly Mistake[] {
  if (typeof text !== 'string' || !URL.canParse(text)) return [];
  const { password, searchParams } = new URL(text);
  const inLogs = [...searchParams.keys()].filter((name) => secretName.test(name));
  return [
    ...(password === ''
      ? []
      : [
          mistake(
            path,
            `has a password that every user of this machine may read here; write headers: { authorization: { secret: 'NAME', user: 'USER' } }, and set it: sudo failover secret set NAME`,
          ),
        ]),
    ...inLogs.map((name) =>
      mistake(
        path,
        `has a parameter '${name}' that is shown in journal and status; send it as a header with ${remedy}`,
      ),
    ),
  ];
}

/** A program's arguments are visible in the process list. */
function inArguments(program: unknown, path: string): readonly Mistake[] {
  if (!Array.isArray(program)) return [];
  return program.flatMap((word: unknown, i) => {
    const [, name] = typeof word === 'string' ? (/^--?([a-z][\w-]*)(?==.|$)/i.exec(word) ?? []) : [];
    const hasValue = typeof word === 'string' && (word.includes('=') || i + 1 < program.length);
    if (i === 0 || name === undefined || !hasValue || !secretName.test(name)) return [];
    const rule = `is in the list of processes, in journal and status; give it to the program by env, with ${remedy}`;
    return mistake(`${path}[${i}]`, rule);
  });
}
