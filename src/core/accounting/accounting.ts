/**
 * What happened since this process began, as counters that only grow: for metrics, history and reports. It follows the
 * state and decides nothing.
 */
import type { Decision } from '../../../models/decision.ts';
import type { Event, KernelNote } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { Family, PathKey } from '../../../models/path.ts';
import type { State } from '../state/state.ts';
import { PathAccount } from './path-account.ts';

/** Switches of one family. */
export interface SwitchCount {
  readonly byCause: Map<string, number>; // `failover`, `failback`, `sticky`, …: `numbers.cause` of the decisions
  last: { readonly id: string; readonly at: Instant } | undefined;
}

/** The counters of a run. */
export class Accounting {
  readonly paths = new Map<PathKey, PathAccount>();
  readonly switches: Readonly<Record<Family, SwitchCount>> = { 4: newSwitchCount(), 6: newSwitchCount() };
  readonly kernel: Record<KernelNote['kind'], number> = {
    changed: 0,
    repaired: 0,
    failed: 0,
    conflict: 0,
    recovered: 0,
  };
  commands = 0; // that changed the kernel
  #active: State['active'] | undefined;

  /** Counts an event, once `step` has advanced the state by it. */
  note(event: Event, state: State, decisions: readonly Decision[]): void {
    if (event.type === 'check' || event.type === 'late') this.#noteResult(event, state);
    else if (event.type === 'kernel') this.#noteKernel(event.note);
    else if (event.type === 'links' || event.type === 'config' || event.type === 'tick') this.#hold(state);
    if (state.active !== this.#active) this.#carry(state);
    for (const decision of decisions) this.#noteDecision(decision);
  }

  /** The counters of a path, up to date. */
  of(key: PathKey, now: Instant): PathAccount {
    const account = this.#account(key, now);
    account.settle(now);
    return account;
  }

  #account(key: PathKey, at: Instant): PathAccount {
    let account = this.paths.get(key);
    if (account === undefined) {
      account = new PathAccount(at);
      this.paths.set(key, account);
    }
    return account;
  }

  #noteResult(event: Extract<Event, { type: 'check' | 'late' }>, state: State): void {
    const path = state.paths.get(event.path);
    if (path === undefined || !path.expected) return;
    const account = this.#account(path.key, state.startedAt);
    if (event.type === 'check') account.check(path, event);
    else account.late(path, event);
  }

  #noteKernel({ kind, commands }: KernelNote): void {
    this.kernel[kind] += 1;
    if (kind === 'changed' || kind === 'repaired') this.commands += commands.length;
  }

  /** Paths that cannot work whatever their checks say; forgets those that are gone. */
  #hold({ paths, at, startedAt }: State): void {
    for (const path of paths.values()) {
      const isHeld = path.expected && path.provider.enabled && path.obstacle !== undefined;
      if (isHeld || this.paths.has(path.key)) this.#account(path.key, startedAt).hold(isHeld, at);
    }
    for (const key of this.paths.keys()) if (!paths.has(key)) this.paths.delete(key);
  }

  #carry({ paths, active, at, startedAt }: State): void {
    this.#active = active;
    const carriers = { 4: new Set(active[4]), 6: new Set(active[6]) };
    for (const { key, family, provider } of paths.values()) {
      const isActive = carriers[family].has(provider.id);
      if (isActive || this.paths.has(key)) this.#account(key, startedAt).carry(isActive, at);
    }
  }

  #noteDecision({ kind, id, at, family, provider, to, numbers }: Decision): void {
    if (kind === 'switch' && family !== undefined) {
      const { byCause } = this.switches[family];
      const cause = String(numbers['cause']);
      byCause.set(cause, (byCause.get(cause) ?? 0) + 1);
      this.switches[family].last = { id, at };
    } else if (kind === 'health' && provider !== undefined && family !== undefined && to !== undefined) {
      const changes = this.paths.get(`${provider}/${family}`)?.healthChanges;
      if (changes !== undefined) changes[to] = (changes[to] ?? 0) + 1;
    }
  }
}

function newSwitchCount(): SwitchCount {
  return { byCause: new Map(), last: undefined };
}
