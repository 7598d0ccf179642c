import type { CheckPlan } from '../../models/check-plan.ts';
import type { Config } from '../../models/config.ts';
import type { TargetResult } from '../../models/event.ts';
import { type Binding, type PathKey, sameBinding } from '../../models/path.ts';
import type { TestScenario } from '../../models/test-scenario.ts';
import { NameCache } from '../reach/dns/name-cache.ts';
import { Deadlines } from './deadlines.ts';
import { OwnCodes } from './own/own-codes.ts';
import { type PathSettings, settingsByPath } from './path-settings.ts';
import { LagWatch } from './rounds/lag-watch.ts';
import { PathChecks } from './rounds/path-checks.ts';
import type { CheckParts } from './rounds/path-scenarios.ts';
import { runScenario } from './rounds/run-scenario.ts';
import { reportUnhandledRejections } from './rounds/unhandled-rejections.ts';

/** Makes the checks of every path, each when its plan says so. Does nothing, and holds nothing open, without plans. */
export interface Runner {
  /**
   * Replaces the plan for a path's next check; `undefined` ends its checks. A running round goes on, unless its binding
   * changed: then it is silently abandoned. A path that is not in the configuration is ignored.
   */
  schedule(path: PathKey, plan: CheckPlan | undefined): void;
  /** Takes effect with each path's next round. Checks of paths that are no longer configured end. */
  configure(config: Config): void;
  /** Runs every scenario of a path once, all at the same time, with the whole `checkTimeout`. In configured order. */
  runOnce(path: PathKey, binding: Binding): Promise<TargetResult[]>;
  /** Ends everything without reporting. */
  close(): void;
}

/** What a runner works with. */
export interface RunnerParts extends Omit<CheckParts, 'deadlines' | 'lag' | 'isolated'> {
  readonly config: Config;
  readonly complain?: (sentence: string) => void; // of promises left behind. @default a Node.js warning
}

/** Creates a runner, which makes no checks yet. */
export function createRunner({ config, complain = warn, ...rest }: RunnerParts): Runner {
  const isolated = new OwnCodes({ complain, now: rest.now });
  const deadlines = new Deadlines(rest.now);
  const parts: CheckParts = { ...rest, deadlines, lag: new LagWatch(deadlines, rest.now), isolated };
  const checks = new Map<PathKey, PathChecks>();
  let settings = settingsByPath(config);
  isolated.configure(config);
  const endTolerance = reportUnhandledRejections(complain);

  function end(path: PathKey): void {
    checks.get(path)?.close();
    checks.delete(path);
  }

  return {
    schedule(path, plan) {
      const known = settings.get(path);
      const present = checks.get(path);
      if (plan === undefined || known === undefined) return end(path);
      if (present !== undefined && sameBinding(present.binding, plan.binding)) return present.plan(plan);
      const fresh = new PathChecks(path, plan.binding, known, parts); // before the old one ends: they may share sockets
      end(path);
      checks.set(path, fresh);
      fresh.plan(plan);
    },
    configure(next) {
      settings = settingsByPath(next);
      isolated.configure(next);
      for (const [path, present] of checks) {
        const known = settings.get(path);
        if (known === undefined) end(path);
        else present.configure(known);
      }
    },
    runOnce(path, binding) {
      const known = settings.get(path);
      if (known === undefined)
        return Promise.reject(new Error(`${path} is not a path of this configuration`));
      return askAll(known, binding, parts);
    },
    close() {
      for (const path of checks.keys()) end(path);
      parts.deadlines.clear();
      isolated.close();
      endTolerance();
    },
  };
}

function warn(sentence: string): void {
  process.emitWarning(sentence);
}

async function askAll(settings: PathSettings, binding: Binding, parts: CheckParts): Promise<TargetResult[]> {
  const { provider, family, scenarios, checkTimeoutMs, nameservers } = settings;
  const { deadlines, isolated, now } = parts;
  const bound = parts.echo.bind(family, binding);
  const shared = {
    provider,
    family,
    binding,
    bound,
    nameservers,
    names: new NameCache(),
    deadlines,
    isolated,
    now,
  };
  const once = (scenario: TestScenario) =>
    new Promise<TargetResult>((resolve) => {
      const onResult = (result: TargetResult['result']) => resolve({ target: scenario.name, result });
      const timeoutMs = scenario.timeoutMs ?? checkTimeoutMs;
      runScenario(scenario, { ...shared, timeoutMs, onResult, onLate: () => undefined }); // the result has been given
    });
  try {
    return await Promise.all(scenarios.map(once));
  } finally {
    bound.release();
  }
}
