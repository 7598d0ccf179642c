/** A configuration as plain data, to pass between processes and to store in the state folder. */
import type { Config } from '../../models/config.ts';
import {
  IsolatedScenario,
  type OwnCode,
  type Place,
  type ScenarioTraits,
} from '../../models/isolated-scenario.ts';
import type { Provider } from '../../models/provider.ts';
import { TestScenarioDns } from '../../models/scenarios/dns.ts';
import { TestScenarioExec } from '../../models/scenarios/exec.ts';
import { TestScenarioHttp } from '../../models/scenarios/http.ts';
import { TestScenarioMtu } from '../../models/scenarios/mtu.ts';
import { TestScenarioNeighbour } from '../../models/scenarios/neighbour.ts';
import { TestScenarioPing } from '../../models/scenarios/ping.ts';
import { TestScenarioTcp } from '../../models/scenarios/tcp.ts';
import type { TestScenario } from '../../models/test-scenario.ts';

/** A form that JSON can hold. Wherever a configuration has scenarios, this has their indexes in `scenarios`. */
export interface PackedConfig {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly scenarios: readonly PackedScenario[];
  readonly code?: OwnCode; // absent: none of the scenarios is the operator's own
}

/** One of our kinds: its parts. The operator's own: its traits, and where its code is. */
type PackedScenario =
  | { readonly kind: Kind; readonly made: readonly unknown[] }
  | { readonly own: ScenarioTraits; readonly place: Place };

type Kind = keyof typeof kinds;

type Fields = Readonly<Record<string, unknown>>;

/** A configuration as data. @throws {TypeError} for a scenario of the operator's that is not isolated */
export function packConfig(config: Config): PackedConfig {
  const list = [...scenariosOf(config)];
  const indexes = new Map<unknown, number>(list.map((scenario, index) => [scenario, index]));
  const code = list.find((scenario) => scenario instanceof IsolatedScenario)?.code;
  return {
    settings: mapLists({ ...config }, (scenarios) => scenarios.map((scenario) => indexes.get(scenario))),
    scenarios: list.map(packScenario),
    ...(code === undefined ? {} : { code }),
  };
}

/** Whether two configurations mean the same, down to the code of the operator's own scenarios. */
export function areEqualConfigs(a: Config, b: Config): boolean {
  return stringify(packConfig(a)) === stringify(packConfig(b));
}

/** The configuration that was packed. */
export function unpackConfig({ settings, scenarios, code }: PackedConfig): Config {
  const list = scenarios.map((scenario) => unpackScenario(scenario, code));
  // It was a `Config` when it was packed, by this version of the program.
  return mapLists(settings, (indexes) => indexes.map((index) => list[Number(index)])) as unknown as Config;
}

/** The configuration with some of its scenarios replaced. */
export function replaceScenarios(config: Config, others: ReadonlyMap<TestScenario, TestScenario>): Config {
  // the lists hold only scenarios
  const other = (scenario: unknown): unknown => others.get(scenario as TestScenario) ?? scenario;
  return mapLists({ ...config }, (scenarios) => scenarios.map(other)) as unknown as Config;
}

/** Every scenario of a configuration, once each, always in the same order. */
export function scenariosOf({ testScenarios, providers, patterns = [] }: Config): ReadonlySet<TestScenario> {
  const all: readonly Provider[] = [...providers, ...patterns.map(({ template }) => template)];
  return new Set([...testScenarios, ...all.flatMap((provider) => provider.testScenarios ?? [])]);
}

/** Whether a scenario is one of our kinds, and so fully described by its data. */
export function isPlain(scenario: TestScenario): boolean {
  return kindOf(scenario) !== undefined;
}

/** JSON of anything packed. Regular expressions, which JSON lacks, are kept. */
export function stringify(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    each instanceof RegExp ? { $pattern: each.source, $flags: each.flags } : each,
  );
}

/** Parses what `stringify` wrote. @throws {SyntaxError} */
export function parse(text: string): unknown {
  return JSON.parse(text, (_key, each: unknown) => {
    if (typeof each !== 'object' || each === null || !('$pattern' in each)) return each;
    return new RegExp(String(each.$pattern), '$flags' in each ? String(each.$flags) : '');
  });
}

function packScenario(scenario: TestScenario): PackedScenario {
  if (scenario instanceof IsolatedScenario) {
    const { place } = scenario;
    return { own: traitsOf(scenario), place };
  }
  const kind = kindOf(scenario);
  if (kind === undefined) throw new TypeError(`${scenario.name} is code, not data`);
  return { kind, made: kinds[kind].partsOf(scenario) };
}

/** A scenario's traits, read once. */
export function traitsOf(scenario: TestScenario): ScenarioTraits {
  const { name, families, timeoutMs, layer, asksBeyondGateway, isOneRoundTrip } = scenario;
  const { weight, required, everyMs } = scenario;
  return {
    name,
    families: [...families],
    timeoutMs,
    layer,
    asksBeyondGateway,
    isOneRoundTrip,
    weight,
    required,
    everyMs,
  };
}

function unpackScenario(packed: PackedScenario, code: OwnCode | undefined): TestScenario {
  if ('kind' in packed) return kinds[packed.kind].make(...packed.made);
  if (code === undefined) throw new TypeError(`the code of ${packed.own.name} is missing`);
  return new IsolatedScenario(packed.own, code, packed.place);
}

interface Form {
  /** The arguments of its constructor. */
  partsOf(scenario: TestScenario): readonly unknown[];
  make(...parts: readonly unknown[]): TestScenario;
}

/** How one of our classes is packed; never one derived from it. */
function form<S extends TestScenario, P extends readonly unknown[]>(
  Class: new (...parts: P) => S,
  partsOf: (scenario: S) => Readonly<P>,
): Form & { readonly Class: unknown } {
  return {
    Class,
    partsOf: (scenario) => partsOf(scenario as S), // `kindOf` has compared the class
    make: (...parts) => new Class(...(parts as unknown as P)), // what `partsOf` gave
  };
}

const kinds = {
  ping: form(TestScenarioPing, ({ target, options }) => [target, options]),
  tcp: form(TestScenarioTcp, ({ host, port, options }) => [host, port, options]),
  http: form(TestScenarioHttp, ({ url, options }) => [url, options]),
  dns: form(TestScenarioDns, ({ question, options }) => [question, options]),
  mtu: form(TestScenarioMtu, ({ target, options }) => [target, options]),
  neighbour: form(TestScenarioNeighbour, ({ options }) => [options]),
  exec: form(TestScenarioExec, ({ program, options }) => [program, options]),
};

function kindOf(scenario: TestScenario): Kind | undefined {
  const names = Object.keys(kinds) as readonly Kind[]; // of the object literal above
  return names.find((name) => kinds[name].Class === scenario.constructor);
}

/** Maps every list of scenarios in a configuration, or in its settings as data. */
function mapLists(settings: Fields, map: (list: readonly unknown[]) => readonly unknown[]): Fields {
  const mapped = (holder: Fields): Fields => {
    const list: unknown = holder['testScenarios'];
    return Array.isArray(list) ? { ...holder, testScenarios: map(list) } : holder;
  };
  // These two hold records, each with its own list of scenarios or none.
  const providers = settings['providers'] as readonly Fields[];
  const patterns = settings['patterns'] as readonly { readonly template: Fields }[] | undefined;
  return {
    ...mapped(settings),
    providers: providers.map(mapped),
    ...(patterns === undefined
      ? {}
      : { patterns: patterns.map((each) => ({ ...each, template: mapped(each.template) })) }),
  };
}
