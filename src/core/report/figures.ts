/** The figures of a run as metrics show them: no sentences, so that a thousand paths cost little. */
import type { Config } from '../../../models/config.ts';
import type { Instant } from '../../../models/instant.ts';
import type { Layer } from '../../../models/layer.ts';
import { type Family, families, type PathKey } from '../../../models/path.ts';
import type { Health, Liveness } from '../../../models/snapshot.ts';
import type { Accounting, SwitchCount } from '../accounting/accounting.ts';
import type { PathAccount } from '../accounting/path-account.ts';
import { causeOf } from '../health/cause.ts';
import { decayed } from '../health/damping.ts';
import { lossOf } from '../health/loss.ts';
import { drift } from '../routes/drift.ts';
import type { State } from '../state/state.ts';
import { mos, score } from './score.ts';

/** One path. */
export interface PathFigures {
  readonly provider: string;
  readonly family: Family;
  readonly device: string;
  readonly tier: number | null;
  readonly table: number;
  readonly isActive: boolean;
  readonly getsNewTraffic: boolean;
  readonly share: number; // of new connections, 0 to 1
  readonly liveness: Liveness;
  readonly health: Health;
  readonly layer: Layer | undefined;
  readonly since: Instant | undefined; // of its health
  readonly rttMs: number | undefined;
  readonly jitterMs: number | undefined;
  readonly lossRatio: number | undefined;
  readonly samples: number;
  readonly score: number | undefined;
  readonly mos: number | undefined;
  readonly penalty: number;
  readonly probeBytes: number;
  readonly account: PathAccount;
}

/** What is not about one path. */
export interface RunFigures {
  readonly startedAt: Instant;
  readonly config: Config;
  readonly families: readonly FamilyFigures[]; // those that a provider has
  readonly pinned: string | undefined; // provider id
  readonly providers: readonly string[]; // ids
  readonly driftCount: number;
  readonly kernel: Accounting['kernel'];
  readonly commands: number;
}

/** One address family. */
export interface FamilyFigures {
  readonly family: Family;
  readonly isUp: boolean; // something gets through on a path that may carry traffic
  readonly isOnPreferred: boolean; // the providers that carry it are of the most preferred tier
  readonly switches: SwitchCount;
}

/** Figures that are not about one path. Costs O(providers). */
export function runFigures(state: State, accounting: Accounting): RunFigures {
  return {
    startedAt: state.startedAt,
    config: state.config,
    families: families.flatMap((family) => familyFigures(state, family, accounting.switches[family]) ?? []),
    pinned: state.sticky?.id,
    providers: state.config.providers.map(({ id }) => id),
    driftCount: drift(state).length,
    kernel: accounting.kernel,
    commands: accounting.commands,
  };
}

function familyFigures(state: State, family: Family, switches: SwitchCount): FamilyFigures | undefined {
  const usable = [...state.paths.values()].filter(
    (path) => path.family === family && path.expected && path.provider.enabled,
  );
  if (usable.length === 0) return undefined;
  const best = Math.min(...usable.map(({ provider }) => provider.tier ?? Number.POSITIVE_INFINITY));
  const carriers = usable.filter(({ provider }) => state.active[family].includes(provider.id));
  return {
    family,
    isUp: usable.some(({ liveness, obstacle }) => liveness === 'up' && obstacle === undefined),
    isOnPreferred: carriers.length > 0 && carriers.every(({ provider }) => provider.tier === best),
    switches,
  };
}

/** The paths that have figures: of providers that have the family. */
export function figuredPaths(state: State): readonly PathKey[] {
  return [...state.paths.values()].flatMap(({ key, expected }) => (expected ? [key] : []));
}

/** What the providers with new traffic of each family weigh together. */
export function sharedWeights({ newTraffic, config }: State): Readonly<Record<Family, number>> {
  const weigh = (family: Family): number => {
    const ids = new Set(newTraffic[family]);
    return config.providers.reduce((sum, { id, weight }) => (ids.has(id) ? sum + weight : sum), 0);
  };
  return { 4: weigh(4), 6: weigh(6) };
}

/** The figures of a path; `undefined` if it is gone. */
export function pathFigures(
  state: State,
  key: PathKey,
  { accounting, weights }: { accounting: Accounting; weights: Readonly<Record<Family, number>> },
): PathFigures | undefined {
  const path = state.paths.get(key);
  if (path === undefined || !path.expected) return undefined;
  const { provider, family, window } = path;
  const { rttMs, jitterMs, samples } = window;
  const getsNewTraffic = state.newTraffic[family].includes(provider.id);
  const quality = { rttMs, jitterMs, lossRatio: lossOf(path)?.ratio };
  return {
    provider: provider.id,
    family,
    device: provider.interfaceName,
    tier: provider.tier,
    table: provider.rtTableId,
    isActive: state.active[family].includes(provider.id),
    getsNewTraffic,
    share: getsNewTraffic ? provider.weight / weights[family] : 0,
    liveness: path.obstacle === undefined ? path.liveness : 'down',
    health: path.health,
    layer: causeOf(path)?.layer,
    since: path.since,
    ...quality,
    samples,
    score: score(quality),
    mos: mos(quality),
    penalty: decayed(path.penalty, path.penaltyAt, state.at, state.config),
    probeBytes: path.spending?.sinceStart ?? 0,
    account: accounting.of(key, state.at),
  };
}
