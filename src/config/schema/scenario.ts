import { layers } from '../../../models/layer.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { type Mistake, mistake } from '../mistake.ts';
import { nearest } from '../nearest.ts';
import { foundAt, placeOf, type SchemaIssue } from '../values/schema-issue.ts';
import { OwnScenario } from './own-scenario.ts';
import { type Kind, kinds, makeScenario, optionsOf } from './scenario-schema.ts';

/** The scenarios that could be read, and what is wrong with the others. */
export interface ReadScenarios {
  readonly scenarios: readonly TestScenario[];
  readonly mistakes: readonly Mistake[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads a list of scenarios: objects with `runTest`, functions, or plain forms such as `{ ping: '1.1.1.1' }`. */
export function readScenarios(input: unknown, path: string): ReadScenarios {
  if (!Array.isArray(input) || input.length === 0) {
    const rule = "must be a list with at least one scenario, such as [ping('1.1.1.1')]";
    return { scenarios: [], mistakes: [mistake(path, rule, { found: input })] };
  }
  const read = input.map((entry: unknown, i) => readScenario(entry, `${path}[${i}]`));
  return {
    scenarios: read.flatMap(({ scenarios }) => scenarios),
    mistakes: read.flatMap(({ mistakes }) => mistakes),
  };
}

function readScenario(input: unknown, path: string): ReadScenarios {
  if (isScenario(input)) return readObject(input, path);
  if (typeof input === 'function') return readFunction(input, path);
  const refuse = (rule: string, more: { found?: unknown; nearest?: string } = { found: input }) => ({
    scenarios: [],
    mistakes: [mistake(path, rule, more)],
  });
  if (typeof input === 'string') return refuse(`must be a scenario, not a text; write { ping: '${input}' }`);
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return refuse("must be a scenario, such as { ping: '1.1.1.1' }");
  const fields = Object.fromEntries(
    Object.entries(input).map(([key, value]) => [key === 'TestScenarioPing' ? 'ping' : key, value]), // S3's name for it
  );
  const kind = kinds.find((known) => known in fields);
  if (kind !== undefined) return readPlain(kind, fields, path);
  const [first = ''] = Object.keys(fields);
  const meant = nearest(first, kinds);
  const rule = `must be a scenario of a known kind: ${kinds.join(', ')}`;
  return refuse(rule, meant === undefined ? { found: input } : { found: input, nearest: meant });
}

function readPlain(kind: Kind, fields: Fields, path: string): ReadScenarios {
  const { scenario, faults } = makeScenario(kind, fields);
  const options = optionsOf(kind);
  const unknown = Object.keys(fields).filter((key) => key !== kind && !options.includes(key));
  const mistakes = [
    ...faults.flatMap((fault) => explainFault(fault, fields, path)),
    ...unknown.map((key) => {
      const rule = `is not an option of ${kind}, which has ${options.join(', ')}`;
      return unknownKey(`${path}.${key}`, { rule, found: fields[key], known: options });
    }),
  ];
  return { scenarios: mistakes.length > 0 || scenario === undefined ? [] : [scenario], mistakes };
}

function explainFault(fault: SchemaIssue, fields: Fields, path: string): Mistake[] {
  const { path: inner, message, unknownKeys, choices } = fault;
  const [found, place] = [foundAt(fault, fields), placeOf(fault, path)];
  if (unknownKeys.length > 0)
    return unknownKeys.map((key) =>
      unknownKey(`${place}.${key}`, {
        rule: `is not an option of ${inner.join('.')}`,
        found: isFields(found) ? found[key] : undefined,
        known: ['insecure', 'ca', 'serverName'], // only tls has options of its own
      }),
    );
  const meant = choices === undefined || typeof found !== 'string' ? undefined : nearest(found, choices);
  return [mistake(place, message, meant === undefined ? { found } : { found, nearest: `'${meant}'` })];
}

function unknownKey(
  path: string,
  { rule, found, known }: { rule: string; found: unknown; known: readonly string[] },
): Mistake {
  const meant = nearest(path.slice(path.lastIndexOf('.') + 1), known);
  return mistake(path, rule, meant === undefined ? { found } : { found, nearest: meant });
}

/** By shape, not by class: a configuration outside the program's folder may load the classes again. */
function isScenario(input: unknown): input is TestScenario {
  return (
    typeof input === 'object' && input !== null && 'runTest' in input && typeof input.runTest === 'function'
  );
}

/** Only the source text distinguishes a class from a function: `typeof` is `function` for both. */
function readFunction(input: object, path: string): ReadScenarios {
  const refuse = (rule: string) => ({ scenarios: [], mistakes: [mistake(path, rule, { found: input })] });
  if (/^class\b/.test(String(input))) return refuse('must be a scenario, not a class; write new …(…)');
  const name = 'name' in input ? input.name : undefined;
  if (typeof name !== 'string' || name === '')
    return refuse('must be a function with a name, which names the scenario in reports');
  const runTest = input as TestScenario['runTest']; // what it returns is checked each time
  return { scenarios: [new OwnScenario(name, { runTest }, input)], mistakes: [] };
}

function readObject(scenario: TestScenario, path: string): ReadScenarios {
  const kind = kindOf(scenario);
  if (kind !== undefined && 'plain' in scenario && isFields(scenario.plain)) {
    const read = readPlain(kind, scenario.plain, path);
    return isOurs(scenario, kind) || read.mistakes.length > 0 ? read : { ...read, scenarios: [scenario] };
  }
  return readOwn(scenario, path);
}

function readOwn(scenario: TestScenario, path: string): ReadScenarios {
  const named = completed(scenario);
  const mistakes = [
    ...checkName(isPlain(scenario) ? scenario : named, path),
    ...checkFamilies(named, path),
    ...checkTimeout(named, path),
    ...checkLayer(named, path),
    ...checkPolicy(named, path),
  ];
  return { scenarios: mistakes.length === 0 ? [named] : [], mistakes };
}

/** The scenario with a name, and with everything that an object without the class lacks. */
function completed(scenario: TestScenario): TestScenario {
  if (isPlain(scenario)) return new OwnScenario(scenario.name ?? '', scenario);
  return scenario.name === undefined ? new OwnScenario(scenario.constructor.name, scenario) : scenario;
}

/** Whether it is a plain JavaScript object, of no class. */
function isPlain(scenario: TestScenario): boolean {
  const className = scenario.constructor?.name;
  return className === 'Object' || !className;
}

/** The kind of one of our scenarios, or of a class derived from one. */
function kindOf(scenario: TestScenario): Kind | undefined {
  const { plain } = { plain: undefined, ...('plain' in scenario ? { plain: scenario.plain } : {}) };
  return isFields(plain) ? kinds.find((kind) => kind in plain) : undefined;
}

/** Whether a scenario's class is one of ours, not derived, so that it can be re-created from its plain form. */
function isOurs(scenario: TestScenario, kind: Kind): boolean {
  return scenario.constructor?.name.toLowerCase() === `testscenario${kind}`;
}

function checkName({ name }: TestScenario, path: string): Mistake[] {
  if (typeof name === 'string' && name !== '') return [];
  return [mistake(`${path}.name`, 'must be a text that names the scenario in reports', { found: name })];
}

function checkFamilies(scenario: TestScenario, path: string): Mistake[] {
  const families: unknown = scenario.families;
  const isRight =
    Array.isArray(families) &&
    families.length > 0 &&
    families.every((family) => family === 4 || family === 6);
  return isRight ? [] : [mistake(`${path}.families`, 'must be a list of 4, 6 or both', { found: families })];
}

function checkTimeout(scenario: TestScenario, path: string): Mistake[] {
  const ms: unknown = scenario.timeoutMs;
  if (ms === undefined || (typeof ms === 'number' && ms >= 10 && ms <= 60_000)) return [];
  return [mistake(`${path}.timeoutMs`, 'must be a number of milliseconds from 10 to 60000', { found: ms })];
}

/** An object without the class may lack a layer: it is then about the target. */
function checkLayer(scenario: TestScenario, path: string): Mistake[] {
  const layer: unknown = scenario.layer;
  if (layer === undefined || layers.some((known) => known === layer)) return [];
  return [mistake(`${path}.layer`, `must be one of ${layers.join(', ')}`, { found: layer })];
}

function checkPolicy(scenario: TestScenario, path: string): Mistake[] {
  const { weight, required, everyMs }: Record<string, unknown> = {
    weight: scenario.weight,
    required: scenario.required,
    everyMs: scenario.everyMs,
  };
  const isWhole = typeof weight === 'number' && Number.isInteger(weight) && weight >= 1 && weight <= 1000;
  const isTime =
    everyMs === undefined || (typeof everyMs === 'number' && everyMs >= 10 && everyMs <= 86_400_000);
  return [
    ...(isWhole
      ? []
      : [mistake(`${path}.weight`, 'must be a whole number from 1 to 1000', { found: weight })]),
    ...(typeof required === 'boolean'
      ? []
      : [mistake(`${path}.required`, 'must be true or false', { found: required })]),
    ...(isTime
      ? []
      : [
          mistake(`${path}.everyMs`, 'must be a number of milliseconds from 10 to 86400000', {
            found: everyMs,
          }),
        ]),
  ];
}

function isFields(input: unknown): input is Fields {
  return typeof input === 'object' && input !== null;
}
