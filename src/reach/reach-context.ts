import type { Binding, Family } from '../../models/path.ts';
import type { Scope } from './scope.ts';

/** The path that packets leave by, and its nameservers and names. */
export interface ReachPath {
  readonly family: Family;
  readonly binding: Binding;
  readonly nameservers: readonly string[]; // literal addresses of any family, 'gateway' or 'lease'
  readonly names: Names;
  /** How long an expired DNS answer may be used while no nameserver gives a new one, ms. @default 0 */
  readonly staleMs?: number;
  /** Counts bytes sent and received, as computed by `wire-bytes`. */
  spend(bytes: number): void;
}

/** What an operation works with: the path, and the scope, which it must not outlive. */
export interface ReachContext extends ReachPath {
  readonly scope: Scope;
}

/** The addresses of names, as one path sees them. */
export interface Names {
  /**
   * The addresses of a name, at least one, in the path's family; also of a literal or of `'gateway'`.
   * @throws {ReachError}
   */
  lookup(host: string, context: ReachContext): Promise<readonly string[]>;
}
