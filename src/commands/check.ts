import type { Config } from '../../models/config.ts';
import type { Provider } from '../../models/provider.ts';
import type { Snapshot } from '../../models/snapshot.ts';
import type { TestScenario } from '../../models/test-scenario.ts';
import { explain, type Mistake, mistake } from '../config/mistake.ts';
import type { Parsed } from '../config/parse.ts';
import { inspectConfig } from '../config/read-config.ts';
import type { Source } from '../config/resolve/resolve-provider.ts';
import { spellDuration } from '../config/values/units.ts';
import { badConfig, fileInUse, runningDaemon } from './support/configuration.ts';
import { machineRemarks } from './support/machine-remarks.ts';
import { fieldText, settingText, shownFields, shownSettings } from './support/setting-text.ts';
import { worthALook } from './support/worth-a-look.ts';

/** Options of `failover check`, and where its output goes. */
export interface CheckOptions {
  readonly file?: string; // @default the running daemon's, else config.* next to the program
  readonly json?: boolean;
  readonly schema?: boolean;
  readonly print?: (text: string) => void; // @default standard output
  readonly complain?: (text: string) => void; // @default standard error
}

/**
 * `failover check`: every mistake of a configuration, or its effective settings and where each comes from, and the
 * verdict.
 */
export async function check(options: CheckOptions): Promise<number> {
  const print = options.print ?? ((text: string) => console.log(text));
  const complain = options.complain ?? ((text: string) => console.error(text));
  if (options.schema) {
    const { jsonSchema } = await import('../config/schema/schema.ts'); // rarely needed, and slow to load
    print(JSON.stringify(jsonSchema(), null, 2));
    return 0;
  }
  const daemon = await runningDaemon();
  const reading = await inspectConfig(options.file ?? fileInUse(daemon));
  const file = reading.file ?? '';
  const parsed =
    'parsed' in reading ? await withRemarks(reading.parsed, file, daemon) : notLoaded(reading.problem);
  if (options.json) print(JSON.stringify(asJson(file, parsed), null, 2));
  else if ('problem' in reading) complain(`failover: ${reading.problem}`);
  else if (parsed.ok) print(report(file, parsed));
  else complain(complaint(file, parsed));
  return parsed.ok ? 0 : badConfig;
}

async function withRemarks(parsed: Parsed, file: string, daemon: Snapshot | undefined): Promise<Parsed> {
  if (!parsed.ok) return parsed;
  const { config } = parsed;
  const { standsInTheWay } = await import('./support/kernel-view.ts'); // only here, and slow to load
  const remarks = [
    ...(await worthALook(config, file, daemon)),
    ...(await standsInTheWay(config)).map((sentence) => mistake('', sentence)),
    ...(await machineRemarks(config)),
  ];
  return { ...parsed, warnings: [...parsed.warnings, ...remarks] };
}

type Good = Extract<Parsed, { ok: true }>;
type Bad = Extract<Parsed, { ok: false }>;

/** One setting with its value as people read it. */
interface Shown {
  readonly path: string;
  readonly value: string;
  readonly source: Source;
}

function notLoaded(message: string): Bad {
  return { ok: false, mistakes: [{ path: '', message, found: undefined, nearest: undefined }], warnings: [] };
}

function asJson(file: string, parsed: Parsed): Record<string, unknown> {
  const { ok, warnings } = parsed;
  if (!parsed.ok) return { ok, file, mistakes: parsed.mistakes, warnings };
  return { ok, file, warnings, config: parsed.config, sources: parsed.sources };
}

function complaint(file: string, { mistakes, warnings }: Bad): string {
  const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
  return [`${file} has ${count}:`, ...list(mistakes), ...warningLines(warnings)].join('\n');
}

function report(file: string, { config, warnings, sources }: Good): string {
  const common = [
    ...shownSettings.map((name) => ({ path: name, value: settingText(config, name) })),
    { path: 'testScenarios', value: scenariosText(config.testScenarios) },
  ].map((row) => ({ ...row, source: sources[row.path] ?? 'default' }));
  const templates = (config.patterns ?? []).map(({ template }) => template);
  const all = [...config.providers, ...templates];
  const providers = all.flatMap((provider, index) => {
    if (isFurther(all, index, sources)) return [];
    return [
      '',
      titleOf(config, index, sources),
      ...table(providerRows(config, provider, (field) => sources[`providers[${index}].${field}`])),
    ];
  });
  // What matters comes last, where a terminal stops.
  return [...table(common), ...providers, '', ...warningLines(warnings), `${file} is valid.`].join('\n');
}

/** Whether a provider differs from the previous one only in its position in a range of gateways. */
function isFurther(all: readonly Provider[], index: number, sources: Good['sources']): boolean {
  const [before, own] = [all[index - 1], all[index]];
  const isMember = (place: number): boolean => sources[`providers[${place}].id`] === 'from gateways';
  return (
    isMember(index) &&
    isMember(index - 1) &&
    before?.tier === own?.tier &&
    before?.interfaceName === own?.interfaceName
  );
}

function titleOf({ providers, patterns = [] }: Config, index: number, sources: Good['sources']): string {
  const pattern = patterns[index - providers.length];
  if (pattern !== undefined) return `each interface that matches "${pattern.template.interfaceName}"`;
  let last = index;
  while (isFurther(providers, last + 1, sources)) last += 1;
  const others = last > index ? `, and so on up to ${last + 1}, which differ in gateway and table` : '';
  return `provider ${index + 1} of ${providers.length}${others}`;
}

function warningLines(warnings: readonly Mistake[]): readonly string[] {
  return warnings.length === 0 ? [] : ['Worth a look:', ...list(warnings)];
}

function list(mistakes: readonly Mistake[]): readonly string[] {
  return mistakes.map((found) => `  ${explain(found)}`);
}

function scenariosText(scenarios: readonly TestScenario[]): string {
  return scenarios.map(scenarioText).join(', ');
}

/** A scenario's name, and what of its policy differs from the default. */
function scenarioText({ name, required, weight, everyMs }: TestScenario): string {
  const policy = [
    ...(required ? ['required'] : []),
    ...(weight === 1 ? [] : [`weight ${weight}`]),
    ...(everyMs === undefined ? [] : [`every ${spellDuration(everyMs)}`]),
  ];
  return policy.length === 0 ? name : `${name} (${policy.join(', ')})`;
}

function providerRows(
  config: Config,
  provider: Provider,
  sourceOf: (field: string) => Source | undefined,
): readonly Shown[] {
  const rows = [
    ...shownFields.map((name) => ({ path: name, value: fieldText(config, provider, name) })),
    { path: 'testScenarios', value: scenariosText(provider.testScenarios ?? config.testScenarios) },
  ];
  return rows.map((row) => ({ ...row, source: sourceOf(row.path) ?? 'default' }));
}

/** Aligned columns; the source comes before the value, which may be long. */
function table(rows: readonly Shown[]): readonly string[] {
  const wide = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length));
  const [paths, origins] = [wide(rows.map(({ path }) => path)), wide(rows.map(({ source }) => source))];
  return rows.map(
    ({ path, value, source }) => `  ${path.padEnd(paths)}  ${source.padEnd(origins)}  ${value}`,
  );
}
