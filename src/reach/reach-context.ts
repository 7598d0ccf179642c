import type { Binding, Family } from '../../models/path.ts';
import type { Provider } from '../../models/provider.ts';
import type { Scope } from './scope.ts';

/** What the primitives of one run stand on: the path, the names it knows, and the run's own scope. */
export interface ReachContext {
  readonly provider: Provider;
  readonly family: Family;
  readonly binding: Binding;
  readonly nameservers: readonly string[]; // literal addresses of any family, or 'gateway'
  readonly names: Names;
  readonly scope: Scope;
  /** Counts what was sent or came, in bytes of `wire-bytes`. */
  spend(bytes: number): void;
}

/** The addresses of names, as one path sees them. */
export interface Names {
  /** The addresses of a name, at least one, in the path's family; also of a literal or of `'gateway'`. @throws {ReachError} */
  lookup(host: string, ground: ReachContext): Promise<readonly string[]>;
}
