import type { Family } from '../../models/path.ts';
import type { KernelRoutes, Nexthop, Operation } from '../../models/route.ts';
import { nexthopQuery, ownQueries, readNexthops, readOwn } from './ip-json.ts';
import { IpSession, type Refusal } from './ip-session.ts';
import { largeGroup, writeGroup } from './large-group.ts';

/** How operations are spelled, and to which family they belong. */
interface OperationSpelling {
  spell(operation: Operation): string;
  familyOf(operation: Operation): Family;
}

/** What the kernel supports, and what we write. */
export interface SessionOptions {
  readonly families: readonly Family[];
  readonly nexthops: boolean; // the kernel has nexthop objects
  /** Whether every route of ours has one next hop, or leads to an object; see `readOwn`. @default never */
  readonly isSole?: () => boolean;
}

/** Our state in the kernel after a transaction, and what it refused. */
export interface TransactionResult {
  readonly actual: KernelRoutes;
  readonly refusals: readonly Refusal[];
}

/** The `ip` sessions: one per family for routes and rules, and one without a family for nexthop objects. */
export class KernelSessions {
  readonly #words: OperationSpelling;
  readonly #families: ReadonlyMap<Family, IpSession>;
  readonly #isSole: () => boolean;
  readonly #objects: IpSession | undefined; // undefined where the kernel has no nexthop objects

  constructor(words: OperationSpelling, { families, nexthops, isSole = () => false }: SessionOptions) {
    this.#words = words;
    this.#isSole = isSole;
    this.#objects = nexthops ? new IpSession() : undefined;
    this.#families = new Map(families.map((family) => [family, new IpSession([`-${family}`])]));
  }

  /** Whether this kernel supports the family. */
  has(family: Family): boolean {
    return this.#families.has(family);
  }

  /** The devices have changed: the names and indexes that the sessions remember are wrong. */
  renew(): void {
    for (const session of this.#all()) session.renew();
  }

  close(): void {
    for (const session of this.#all()) session.close();
  }

  /**
   * Writes nexthop objects, then both families at once, then deletes objects, keeping the order within each. Reads
   * back what was written; without operations, everything. A change to nexthop objects alone leaves the routes as
   * `known`, however many lead through them.
   * @throws {Error} when `ip` cannot be run, dies or hangs
   */
  async transact(
    operations: readonly Operation[],
    known: KernelRoutes | undefined,
  ): Promise<TransactionResult> {
    const objects = operations.filter((operation) => 'nexthop' in operation);
    const upserts = objects.filter(({ action }) => action !== 'delete');
    const deletes = objects.filter(({ action }) => action === 'delete');
    const first = upserts.length > 0 ? await this.#write(upserts) : undefined;
    if (first !== undefined && upserts.length === operations.length && known !== undefined)
      return { actual: withNexthops(known, first.nexthops), refusals: first.refusals };
    const parts = await Promise.all(
      [...this.#families].map(async ([family, session]) => {
        const own = operations.filter(
          (operation) => !('nexthop' in operation) && this.#words.familyOf(operation) === family,
        );
        const { rows, refusals } = await session.transact(own.map(this.#words.spell), ownQueries);
        return { ...readOwn(family, rows, this.#isSole()), refusals };
      }),
    );
    const rest = await this.#write(deletes);
    const routes = parts.flatMap((part) => part.routes);
    const rules = parts.flatMap((part) => part.rules);
    const refused = parts.flatMap(({ refusals }) => refusals);
    return {
      actual: withNexthops({ routes, rules }, rest.nexthops),
      refusals: [...(first?.refusals ?? []), ...refused, ...rest.refusals],
    };
  }

  /**
   * In the session without a family: the kernel takes groups from no other ("Invalid family for group", Linux
   * 6.18).
   */
  async #write(
    operations: readonly Operation[],
  ): Promise<{ nexthops: readonly Nexthop[]; refusals: readonly Refusal[] }> {
    if (this.#objects === undefined) return { nexthops: [], refusals: [] };
    const small = operations.filter((operation) => largeGroup(operation) === undefined);
    const written = await this.#objects.transact(small.map(this.#words.spell), [nexthopQuery]);
    const refused = this.#writeLargeGroups(operations);
    const read =
      small.length === operations.length ? written : await this.#objects.transact([], [nexthopQuery]);
    return { nexthops: readNexthops(read.rows[0] ?? []), refusals: [...written.refusals, ...refused] };
  }

  /** Their members have been written by now: groups come last. */
  #writeLargeGroups(operations: readonly Operation[]): readonly Refusal[] {
    return operations.flatMap((operation) => {
      const group = largeGroup(operation);
      const message = group === undefined ? undefined : writeGroup(group, operation.action);
      return message === undefined ? [] : [{ command: this.#words.spell(operation), message }];
    });
  }

  #all(): readonly IpSession[] {
    return [...this.#families.values(), ...(this.#objects === undefined ? [] : [this.#objects])];
  }
}

function withNexthops({ routes, rules }: KernelRoutes, nexthops: readonly Nexthop[]): KernelRoutes {
  return { routes, rules, ...(nexthops.length === 0 ? {} : { nexthops }) };
}
