import type { ExecOptions } from '../primitives.ts';
import type { Provider } from '../provider.ts';
import type { TestResult } from '../test-result.ts';
import type { Probe } from '../test-scenario.ts';
import { OptionedScenario, type ScenarioOptions } from './options.ts';

/** `env`: added to the environment. */
export interface ExecScenarioOptions extends ScenarioOptions, ExecOptions {}

/** Runs a program and passes when it ends with status 0. */
export class TestScenarioExec extends OptionedScenario {
  readonly name: string;
  readonly program: readonly string[];
  readonly options: ExecScenarioOptions;

  constructor(program: readonly string[], options: ExecScenarioOptions = {}) {
    super();
    this.program = program;
    this.options = options;
    this.name = `exec ${[program].flat().join(' ')}`;
  }

  /** Its form in JSON. */
  get plain(): Readonly<Record<string, unknown>> {
    return { exec: this.program, ...this.options };
  }

  async runTest(_provider: Provider, probe: Probe): Promise<TestResult> {
    const { env } = this.options;
    const outcome = await probe.exec(this.program, env === undefined ? {} : { env });
    const { code, stdout, stderr, tookMs, killed } = outcome;
    if (code === 0) return { ok: true, rttMs: tookMs };
    const lastOutput = lastLine(stderr) ?? lastLine(stdout);
    const end = killed ? `killed after ${Math.round(tookMs)} ms` : `exit status ${code}`;
    const reason = lastOutput === undefined ? end : `${end}: ${lastOutput}`;
    return { ok: false, code: killed ? 'unfinished' : 'rejected', reason };
  }
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1)?.trim().slice(0, 200) || undefined;
}

/** A program and its arguments, run without a shell. Its environment names the path to check: FAILOVER_DEVICE, … */
export function exec(program: readonly string[], options?: ExecScenarioOptions): TestScenarioExec {
  return new TestScenarioExec(program, options);
}
