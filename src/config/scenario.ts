import { TestScenarioPing } from '../../models/scenarios/ping.ts';
import type { EchoOptions, TestScenario } from '../../models/test-scenario.ts';
import { readTarget } from './address.ts';
import { type Mistake, mistake } from './mistake.ts';
import { nearest } from './nearest.ts';
import { reviewPing } from './schema.ts';

/** Scenarios that could be read, and what is wrong with the others. */
export interface ReadScenarios {
  readonly scenarios: readonly TestScenario[];
  readonly mistakes: readonly Mistake[];
}

const kinds = ['ping'];
const pingKeys = ['ping', 'size'];

/** Reads a list of scenarios: objects with `runTest`, or their plain form `{ ping: '1.1.1.1' }`. */
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
  const refuse = (rule: string, more: { found?: unknown; nearest?: string } = { found: input }) => ({
    scenarios: [],
    mistakes: [mistake(path, rule, more)],
  });
  if (typeof input === 'string') return refuse(`must be a scenario, not a text; write { ping: '${input}' }`);
  if (typeof input === 'function')
    return refuse('must be a scenario, not a class or function; write new …(…)');
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return refuse("must be a scenario, such as { ping: '1.1.1.1' }");
  const fields = Object.fromEntries(
    Object.entries(input).map(([key, value]) => [key === 'TestScenarioPing' ? 'ping' : key, value]), // S3's name of it
  );
  if ('ping' in fields) return readPing(fields, path);
  const [kind = ''] = Object.keys(fields);
  const meant = nearest(kind, kinds);
  const rule = `must be a scenario of a known kind: ${kinds.join(', ')}`;
  return refuse(rule, meant === undefined ? { found: input } : { found: input, nearest: meant });
}

function readPing(fields: Readonly<Record<string, unknown>>, path: string): ReadScenarios {
  const { values, faults } = reviewPing(fields);
  const unknown = Object.keys(fields).filter((key) => !pingKeys.includes(key));
  const mistakes = [
    ...faults.map((fault) =>
      mistake(`${path}.${fault.path.join('.')}`, fault.message, { found: fields[String(fault.path[0])] }),
    ),
    ...unknown.map((key) => {
      const meant = nearest(key, pingKeys);
      return mistake(
        `${path}.${key}`,
        `is not an option of ping, which has ${pingKeys.slice(1).join(', ')}`,
        {
          found: fields[key],
          ...(meant === undefined ? {} : { nearest: meant }),
        },
      );
    }),
  ];
  if (mistakes.length > 0 || values.ping === undefined) return { scenarios: [], mistakes };
  const options: EchoOptions = values.size === undefined ? {} : { size: values.size };
  return { scenarios: [new TestScenarioPing(values.ping, options)], mistakes: [] };
}

/** By shape, not by class: a configuration outside the program's folder may load the classes a second time. */
function isScenario(input: unknown): input is TestScenario {
  return (
    typeof input === 'object' && input !== null && 'runTest' in input && typeof input.runTest === 'function'
  );
}

function readObject(scenario: TestScenario, path: string): ReadScenarios {
  const mistakes: Mistake[] = [];
  if (typeof scenario.name !== 'string' || scenario.name === '')
    mistakes.push(
      mistake(`${path}.name`, 'must be a text that names the scenario in reports', { found: scenario.name }),
    );
  const inFamilies: unknown = scenario.families;
  if (
    !Array.isArray(inFamilies) ||
    inFamilies.length === 0 ||
    !inFamilies.every((family) => family === 4 || family === 6)
  )
    mistakes.push(mistake(`${path}.families`, 'must be a list of 4, 6 or both', { found: inFamilies }));
  if (isPing(scenario)) mistakes.push(...checkPing(scenario, path));
  return { scenarios: mistakes.length === 0 ? [scenario] : [], mistakes };
}

function isPing(scenario: TestScenario): scenario is TestScenarioPing {
  return scenario instanceof TestScenarioPing || scenario.constructor?.name === 'TestScenarioPing';
}

function checkPing({ target, options }: TestScenarioPing, path: string): readonly Mistake[] {
  const reading = typeof target === 'string' ? readTarget(target) : { rule: 'must be a text' };
  const { faults } = reviewPing({ size: options?.size });
  return [
    ...('rule' in reading ? [mistake(`${path}.ping`, reading.rule, { found: target })] : []),
    ...faults.map((fault) => mistake(`${path}.size`, fault.message, { found: options.size })),
  ];
}
