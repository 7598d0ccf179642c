/** One line of a recording, validated as far as the core relies on it: recordings come with bug reports. */
import type { Event } from '../../models/event.ts';
import type { Family } from '../../models/path.ts';
import { plainConfig, plainProvider } from '../../models/plain-config.ts';
import { readDetail, type TestResult } from '../../models/test-result.ts';
import { TestScenario } from '../../models/test-scenario.ts';
import type { StoredDecision } from '../core/state/decision-ids.ts';
import { legacyDetail } from './legacy-failure.ts';
import { type Beginning, type RecordedScenarioFields, recordingFormat } from './recorder.ts';

/** The content of a line, or what is wrong with it, worded to follow the line's number. */
export type Line =
  | { readonly beginning: Beginning }
  | { readonly event: Event }
  | { readonly decision: StoredDecision }
  | { readonly problem: string };

/** Interprets one parsed line. */
export function readLine(value: unknown): Line {
  if (!isRecord(value) || typeof value['type'] !== 'string')
    return { problem: 'is not a line of a recording: expected an object with a "type"' };
  const { type } = value;
  const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined;
  if (shape === undefined)
    return { problem: `has the unknown type "${type}": expected one of ${Object.keys(shapes).join(', ')}` };
  const format = value['format'];
  if (type === 'start' && format !== recordingFormat)
    return { problem: `has format ${format}: this version reads format ${recordingFormat}` };
  const wrong = [['at', isNumber] as const, ...Object.entries(shape)].find(
    ([key, check]) => !check(value[key]),
  );
  if (wrong !== undefined)
    return { problem: `(${type}) has a missing or wrong "${wrong[0]}": ${shorten(value[wrong[0]])}` };
  return understood(type, value);
}

/** The casts hold because `shapes` has validated what the core uses. */
function understood(type: string, value: Fields): Line {
  if (type === 'start')
    return { beginning: { ...value, config: revive(value['config']) } as unknown as Beginning };
  if (type === 'decision') {
    const { type: _, ...decision } = value;
    return { decision: decision as unknown as StoredDecision };
  }
  if (type === 'config') return { event: { ...value, config: revive(value['config']) } as unknown as Event };
  return { event: modernEvent(type, value) as unknown as Event };
}

/**
 * An event in the terms of this version: recordings made earlier lack the codes of failures, and call a
 * conflict foreign.
 */
function modernEvent(type: string, event: Fields): Fields {
  if (type === 'diagnosis' && event['gateway'] !== undefined)
    return { ...event, gateway: withCode(event['gateway']) };
  if (type === 'kernel') return { ...event, note: renamed(event['note']) };
  if (type !== 'check') return event;
  const targets = event['targets'] as readonly Fields[]; // `shapes` has validated it
  return {
    ...event,
    result: withCode(event['result']),
    targets: targets.map((one) => ({ ...one, result: withCode(one['result']) })),
  };
}

function withCode(result: unknown): unknown {
  if (!isRecord(result) || result['ok'] !== false || readDetail(result) !== undefined) return result;
  const { notRun, reason } = result;
  return { ok: false, reason, ...legacyDetail(String(reason), notRun === true) };
}

function renamed(note: unknown): unknown {
  return isRecord(note) && note['kind'] === 'foreign' ? { ...note, kind: 'conflict' } : note;
}

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isPath: Check = (value) => typeof value === 'string' && /^[^/]+\/[46]$/.test(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const withFields =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([key, check]) => check(value[key]));
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const isResult: Check = (value) =>
  isRecord(value) &&
  (value['ok'] === true ? isNumber(value['rttMs']) : value['ok'] === false && isText(value['reason']));
const isPacket = withFields({ target: isText, answered: isFlag, startedAt: optional(isNumber) });
const isFault = withFields({ layer: isText, portal: optional(isText) });
const isMtu = withFields({ size: isNumber, largest: optional(isNumber), told: optional(isNumber) });
const isScenario = withFields({
  name: isText,
  families: listOf(isNumber),
  everyMs: optional(isNumber),
  asksBeyondGateway: optional(isFlag),
  isOneRoundTrip: optional(isFlag),
});
const isAddressing = withFields({ address: isText, network: isText, gateway: isText });
const isProvider = withFields({
  id: isText,
  interfaceName: isText,
  rtTableId: isNumber,
  addressing: withFields({ 4: isAddressing, 6: isAddressing }),
  testScenarios: optional(listOf(isScenario)),
});
const isConfig = withFields({
  checkIntervalMs: isNumber,
  confirmIntervalMs: isNumber,
  minOutageMs: isNumber,
  maxStoredTestResultCount: (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) <= 1e6,
  maxFailedChecks: isNumber,
  maxConsecutiveFailedChecks: isNumber,
  minConsecutiveSucceededChecks: isNumber,
  holdDownMs: isNumber,
  failbackDelayMs: isNumber,
  allDown: isText,
  providers: listOf(isProvider),
  testScenarios: listOf(isScenario),
});
const isLink = withFields({ name: isText, index: isNumber, addresses: listOf(isRecord) });
const isTargetPackets = withFields({ target: isText, answered: listOf(isNumber), lost: listOf(isNumber) });
const isReported = withFields({ source: isText, at: isNumber, until: optional(isNumber) });
const isLease = withFields({
  device: isText,
  family: isNumber,
  gateway: optional(isReported),
  dns: optional(isReported),
});
const isMemory = withFields({
  leases: optional(listOf(isLease)),
  active: withFields({ 4: listOf(isText), 6: listOf(isText) }),
  paths: listOf(
    withFields({
      ...{ key: isPath, samples: listOf(isRecord), failovers: optional(listOf(isNumber)) },
      packets: optional(listOf(isTargetPackets)),
    }),
  ),
});

/** What each type of line must have besides `at`. */
const shapes: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  start: { version: isText, config: isConfig, memory: optional(isMemory) },
  decision: { kind: isText, severity: isText, sentence: isText, reason: isText, numbers: isRecord },
  check: {
    startedAt: isNumber,
    path: isPath,
    result: isResult,
    targets: listOf(withFields({ target: isText, result: isResult })),
    fault: optional(isFault),
    packets: optional(listOf(isPacket)),
  },
  diagnosis: {
    startedAt: isNumber,
    path: isPath,
    asked: (value) => value === 'gateway' || value === 'mtu',
    gateway: optional(isResult),
    mtu: optional(isMtu),
  },
  traffic: { device: isText, silentSince: optional(isNumber) },
  load: { device: isText, sent: isNumber, received: isNumber },
  late: { startedAt: isNumber, path: isPath, target: isText, rttMs: isNumber },
  links: {
    links: withFields({
      links: listOf(isLink),
      defaults: listOf(withFields({ interfaceName: isText, metric: isNumber })),
    }),
  },
  lease: {
    device: isText,
    family: isNumber,
    gateway: optional(isText),
    dns: optional(listOf(isText)),
    until: optional(isNumber),
    source: isText,
  },
  modems: { modems: listOf(withFields({ devices: listOf(isText), state: isText })) },
  sticky: { sticky: optional(withFields({ id: isText, until: optional(isNumber) })) },
  config: { config: isConfig },
  kernel: { note: withFields({ kind: isText, message: isText, commands: listOf(isText) }) },
  tick: {},
};

/** Gives a configuration its scenarios back: placeholders with the recorded names that are never run. */
function revive(config: unknown): unknown {
  if (!isRecord(config)) return config;
  const { providers, patterns, testScenarios } = config;
  return {
    ...plainConfig,
    ...config,
    testScenarios: scenarios(testScenarios),
    providers: Array.isArray(providers) ? providers.map(reviveProvider) : providers,
    ...(Array.isArray(patterns)
      ? { patterns: patterns.map((each) => ({ ...each, template: reviveProvider(each.template) })) }
      : {}),
  };
}

function reviveProvider(provider: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...plainProvider, ...provider, testScenarios: scenarios(provider['testScenarios']) };
}

function scenarios(recorded: unknown): readonly TestScenario[] | undefined {
  const known = recorded as readonly RecordedFields[] | undefined; // `isConfig` has verified that each has these
  return known?.map((each) => new RecordedScenario(each));
}

/** The fields of a scenario; recordings of earlier versions have only its name and families. */
type RecordedFields = Pick<RecordedScenarioFields, 'name' | 'families'> & Partial<RecordedScenarioFields>;

class RecordedScenario extends TestScenario {
  readonly name: string;
  readonly #recorded: RecordedFields;

  constructor(recorded: RecordedFields) {
    super();
    this.name = recorded.name;
    this.#recorded = recorded;
  }

  override get families(): readonly Family[] {
    return this.#recorded.families;
  }

  override get everyMs(): number | undefined {
    return this.#recorded.everyMs;
  }

  override get asksBeyondGateway(): boolean {
    return this.#recorded.asksBeyondGateway ?? super.asksBeyondGateway;
  }

  override get isOneRoundTrip(): boolean {
    return this.#recorded.isOneRoundTrip ?? super.isOneRoundTrip;
  }

  runTest(): Promise<TestResult> {
    return Promise.resolve({ ok: false, code: 'not-run', reason: 'a recorded scenario cannot be run' });
  }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
