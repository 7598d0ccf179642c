import type { Instant } from '../../../models/instant.ts';
import type { Fault, Layer, PathMtu } from '../../../models/layer.ts';
import type { Modem } from '../../../models/modem.ts';
import type { TestResult } from '../../../models/test-result.ts';

/** What is known of a path's layers. Belongs to the path's state and changes in place. */
export interface PathDiagnosis {
  obstacle: Layer | undefined; // where the path's obstacle is
  fault: Fault | undefined; // of the latest failed check, while nothing passes
  gateway: { readonly at: Instant; readonly result: TestResult } | undefined; // latest that was probed
  readonly askedAt: { gateway: Instant | undefined; mtu: Instant | undefined };
  mtu: PathMtu | undefined;
  modem: Modem | undefined; // of its device
  reported: string | undefined; // the cause that was reported last
  reportedAt: Instant;
}

/** Nothing yet. */
export function newDiagnosis(): PathDiagnosis {
  return {
    obstacle: undefined,
    fault: undefined,
    gateway: undefined,
    askedAt: { gateway: undefined, mtu: undefined },
    mtu: undefined,
    modem: undefined,
    reported: undefined,
    reportedAt: 0,
  };
}

/** Forgets all of that: the path is bound to another gateway or device now. */
export function forgetDiagnosis(findings: PathDiagnosis): void {
  findings.gateway = undefined;
  findings.askedAt.gateway = undefined;
  findings.askedAt.mtu = undefined;
  findings.mtu = undefined;
}
