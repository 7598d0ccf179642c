/**
 * Which layer of a path broke, derived from its device, its checks and the answers of its gateway. It only
 * informs the operator: no decision waits for it or depends on it.
 */
import type { DiagnosisEvent } from '../../../models/event.ts';
import type { Fault, Layer, PathMtu } from '../../../models/layer.ts';
import { isNotRun, type TestResult } from '../../../models/test-result.ts';
import type { PathDiagnosis } from '../state/findings.ts';
import type { PathState } from '../state/state.ts';
import { radioFault } from './radio.ts';

/** The layer that broke, and what is known about it beyond the layer's name. */
export interface Cause {
  readonly layer: Layer;
  readonly words: string | undefined;
}

/** Why nothing gets through a path now; `undefined` while something does, or if the cause is unknown. */
export function causeOf(path: PathState): Cause | undefined {
  const { obstacle, liveness, findings } = path;
  if (obstacle === undefined && (liveness === 'up' || liveness === 'unknown')) return undefined;
  const radio = findings.modem && radioFault(findings.modem);
  if (radio !== undefined) return { layer: 'radio', words: radio };
  if (obstacle !== undefined)
    return findings.obstacle === undefined ? undefined : { layer: findings.obstacle, words: obstacle };
  return findings.fault && causeOfFault(findings.fault, answerOf(path));
}

/** The gateway's latest answer since nothing has got through. */
function answerOf({ findings, failedSince }: PathState): TestResult | undefined {
  const { gateway } = findings;
  return gateway !== undefined && gateway.at >= (failedSince ?? 0) ? gateway.result : undefined;
}

/** The cause that follows from a failed check and the gateway's answer. */
export function causeOfFault(fault: Fault, gateway: TestResult | undefined): Cause {
  const { layer, portal } = fault;
  if (gateway?.ok === false && !isNotRun(gateway) && !fault.beyond)
    return { layer: 'gateway', words: gateway.reason };
  switch (layer) {
    case 'target':
      return { layer, words: targetWords(fault, gateway) };
    case 'dns':
      return { layer, words: 'packets get through, DNS does not work' };
    case 'http':
      return {
        layer,
        words: portal === undefined ? 'packets get through, HTTP does not work' : login(portal),
      };
    case 'mtu':
      return { layer, words: 'small packets get through, those of full size do not' };
    default:
      return { layer, words: gateway?.ok ? 'the gateway is there, but fails the check' : undefined };
  }
}

function targetWords(
  { beyond, answered, unfinished }: Fault,
  gateway: TestResult | undefined,
): string | undefined {
  if (beyond) return 'packets get through, but too few checks of targets pass';
  if (answered) return 'targets answer, but not as expected';
  if (unfinished) return 'a program that checks it does not end in time';
  return gateway?.ok ? 'the gateway answers, nothing beyond it does' : undefined;
}

function login(page: string): string {
  return `a captive portal is in the way${page === '' ? '' : `: log in at ${page}`}`;
}

/** Records a diagnosis. Returns whether full-size packets have begun or ceased to pass. */
export function noteDiagnosis(findings: PathDiagnosis, event: DiagnosisEvent): boolean {
  const { asked, startedAt, gateway, mtu } = event;
  findings.askedAt[asked] = startedAt;
  if (gateway !== undefined && !isNotRun(gateway)) findings.gateway = { at: startedAt, result: gateway };
  if (mtu === undefined) return false;
  const before = findings.mtu?.passes ?? true;
  findings.mtu = mtu;
  return before !== mtu.passes;
}

/** What an operator should know about a path that otherwise works: full-size packets do not pass. */
export function mtuRemark(
  { size, passes, largest, told }: PathMtu,
  interfaceName: string,
): string | undefined {
  if (passes) return undefined;
  if (told !== undefined)
    return `packets of ${size} bytes do not pass; a router on the way says that it takes ${told}, so senders adapt`;
  const known = largest === undefined ? '' : `, those of ${largest} do`;
  const advice = largest === undefined ? 'a lower MTU' : `an MTU of ${largest}`;
  return `packets of ${size} bytes vanish on the way${known}: large transfers may hang; give ${interfaceName} ${advice}, or clamp the MSS`;
}
