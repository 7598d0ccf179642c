/**
 * The thread in which an operator's own scenarios run. The main thread carries out the calls to their probe; what they
 * break, they break here. Nothing that calls into libc is loaded: the thread must be free to end at any moment.
 */
import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { reportUnhandledRejections } from '../rounds/unhandled-rejections.ts';
import { DistantProbe, outcomeOf } from './distant-probe.ts';
import {
  noScenario,
  type Order,
  type Outcome,
  type OwnThreadData,
  type Report,
  type RunOrder,
} from './own-messages.ts';
import { nameSourceLines, oneLineOf } from './source-lines.ts';

const blockingMs = 150; // the longest a scenario may keep the others from running

const { code, running } = workerData as OwnThreadData; // from `OwnThread`, which starts this file
if (parentPort === null) throw new Error('this file is started as a thread, by OwnThread');
const port: MessagePort = parentPort;
const context = new AsyncLocalStorage<number>(); // which scenario the running code belongs to, across awaits
const runs = new Map<number, DistantProbe>();

function report(message: Report): void {
  port.postMessage(message);
}

/** Keeps the running scenario's number where the main thread can read it when this thread hangs. */
function markRunning(): void {
  createHook({
    before: () => Atomics.store(running, 0, context.getStore() ?? noScenario),
    after: () => Atomics.store(running, 0, noScenario),
  }).enable();
}

/** Reports code that ends the thread, and uncaught errors, with the scenario they belong to. */
function reportFaults(): void {
  process.on('uncaughtException', (error) => {
    const what = `failed where nothing caught it: ${oneLineOf(error, code)}`;
    report({ type: 'fault', scenario: context.getStore(), what });
  });
  const exit = process.exit.bind(process);
  process.exit = (status) => {
    report({ type: 'fault', scenario: context.getStore(), what: `called process.exit(${status ?? ''})` });
    return exit(status);
  };
  reportUnhandledRejections((sentence) => report({ type: 'rejection', sentence }));
}

/** The scenario at a place of the configuration. */
function scenarioAt(configuration: unknown, { place }: RunOrder): TestScenario['runTest'] {
  let found: unknown = configuration;
  for (const key of place) found = Object(found)[key];
  const written = found as TestScenario['runTest'] | TestScenario; // the same as when the configuration was read
  return typeof written === 'function' ? written : (provider, probe) => written.runTest(provider, probe);
}

async function run(order: RunOrder, configuration: unknown): Promise<void> {
  const distant = new DistantProbe(order, report);
  runs.set(order.run, distant);
  const outcome = await outcomeOfRun(order, scenarioAt(configuration, order), distant);
  if (runs.delete(order.run)) report({ type: 'result', run: order.run, outcome });
}

/** Never rejects. The main thread validates results. */
async function outcomeOfRun(
  { scenario, provider }: RunOrder,
  runTest: TestScenario['runTest'],
  { probe }: DistantProbe,
): Promise<Outcome> {
  const from = performance.now();
  Atomics.store(running, 0, scenario);
  try {
    const result = context.run(scenario, () => runTest(provider, probe));
    const blockedMs = performance.now() - from;
    Atomics.store(running, 0, noScenario);
    const value = dataOf(await result);
    return blockedMs > blockingMs && isPass(value) ? blocked(blockedMs) : { value };
  } catch (error) {
    return outcomeOf(error);
  }
}

/** The part of a result that can cross to the main thread: its own properties, except functions. */
function dataOf(result: unknown): unknown {
  if (typeof result !== 'object' || result === null) return undefined;
  return Object.fromEntries(Object.entries(result).filter(([, value]) => Object(value) !== value));
}

function isPass(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'ok' in value && value.ok === true;
}

function blocked(ms: number): Outcome {
  const reason = `it kept your other scenarios from running for ${Math.round(ms)} ms: use await, or probe.exec for work that blocks`;
  return { value: { ok: false, code: 'not-run', reason } };
}

function obey(order: Order, configuration: unknown): void {
  switch (order.type) {
    case 'run':
      void run(order, configuration);
      break;
    case 'answer':
      runs.get(order.run)?.answer(order.call, order.outcome);
      break;
    case 'deadline':
      runs.get(order.run)?.expire();
      break;
    case 'over':
      runs.delete(order.run);
      break;
    case 'still-there':
      report({ type: 'there' });
      break;
    default:
      order satisfies never;
  }
}

markRunning();
reportFaults();
nameSourceLines(code);
try {
  const module: { default: unknown } = await import(
    `data:text/javascript;base64,${Buffer.from(code.text).toString('base64')}`
  );
  port.on('message', (order: Order) => obey(order, module.default));
  report({ type: 'ready' });
} catch (error) {
  report({ type: 'unusable', reason: oneLineOf(error, code) });
}
