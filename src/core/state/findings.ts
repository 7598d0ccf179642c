import type { Instant } from '../../../models/instant.ts';
import type { Fault, Layer, PathMtu } from '../../../models/layer.ts';
import type { TestResult } from '../../../models/test-result.ts';

/** What is known of a path's layers. It belongs to the path's state and changes in place. */
export interface PathDiagnosis {
  obstacle: Layer | undefined; // where the path's obstacle is
  fault: Fault | undefined; // of the latest failed check, while nothing passes
  gateway: { readonly at: Instant; readonly result: TestResult } | undefined; // what it said last, when it could be asked
  readonly askedAt: { gateway: Instant | undefined; mtu: Instant | undefined };
  mtu: PathMtu | undefined;
  told: string | undefined; // the cause that people were told last
  toldAt: Instant;
}

/** Nothing yet. */
export function newDiagnosis(): PathDiagnosis {
  return {
    obstacle: undefined,
    fault: undefined,
    gateway: undefined,
    askedAt: { gateway: undefined, mtu: undefined },
    mtu: undefined,
    told: undefined,
    toldAt: 0,
  };
}

/** Whatever the path is bound to now is another way: nothing is known of it. */
export function forgetDiagnosis(findings: PathDiagnosis): void {
  findings.gateway = undefined;
  findings.askedAt.gateway = undefined;
  findings.askedAt.mtu = undefined;
  findings.mtu = undefined;
}
