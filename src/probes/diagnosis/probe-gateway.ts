import type { Binding, Family } from '../../../models/path.ts';
import { neighbour } from '../../../models/scenarios/neighbour.ts';
import { ping } from '../../../models/scenarios/ping.ts';
import { isNotRun, type TestResult } from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { failed, notRun } from '../../reach/failure.ts';

const echoShare = 1 / 3; // of the time: a gateway that answers echoes at all does so at once

/**
 * Whether the gateway is there: first by an echo, which changes nothing, then by ARP or neighbour discovery, since many
 * gateways do not answer echoes. Not run if there is no gateway, or it cannot be probed.
 */
export async function probeGateway(
  family: Family,
  { gateway, interfaceName }: Binding,
  timeoutMs: number,
  run: (scenario: TestScenario, timeoutMs: number) => Promise<TestResult>,
): Promise<TestResult> {
  if (gateway === undefined) return notRun(`${interfaceName} needs no gateway`);
  const echoed = await run(ping('gateway'), timeoutMs * echoShare);
  if (echoed.ok) return echoed;
  const found = await run(neighbour(), timeoutMs * (1 - echoShare));
  if (found.ok || isNotRun(found)) return found;
  return failed(
    'no-answer',
    `the gateway ${gateway} does not answer ${family === 4 ? 'ARP' : 'neighbour discovery'}`,
  );
}
