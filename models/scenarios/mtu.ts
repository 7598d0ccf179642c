import type { Layer } from '../layer.ts';
import type { Family } from '../path.ts';
import type { Provider } from '../provider.ts';
import { isNotRun, type TestResult } from '../test-result.ts';
import type { Probe } from '../test-scenario.ts';
import { OptionedScenario, type ScenarioOptions } from './options.ts';
import { familiesOf } from './target.ts';

/** The IP and ICMP headers before the payload of an echo, bytes (RFC 791, RFC 8200, RFC 792, RFC 4443). */
export const headerBytes: Readonly<Record<Family, number>> = { 4: 20 + 8, 6: 40 + 8 };

/** How large a packet must get through. */
export interface MtuOptions extends ScenarioOptions {
  readonly size?: number; // bytes of the whole IP packet. @default the MTU of the device
}

/**
 * Sends one large packet that must not be fragmented, and a small one with it, and passes when the large one is
 * answered. If only the small one is, the size is what does not get through.
 */
export class TestScenarioMtu extends OptionedScenario {
  readonly name: string;
  readonly target: string;
  readonly options: MtuOptions;

  constructor(target: string, options: MtuOptions = {}) {
    super();
    this.target = target;
    this.options = options;
    this.name = `mtu ${target}`;
  }

  /** Its form in JSON. */
  get plain(): Readonly<Record<string, unknown>> {
    return { mtu: this.target, ...this.options };
  }

  override get families(): readonly Family[] {
    return familiesOf(this.target);
  }

  override get asksBeyondGateway(): boolean {
    return this.target !== 'gateway';
  }

  override get layer(): Layer {
    return 'mtu';
  }

  async runTest(_provider: Provider, probe: Probe): Promise<TestResult> {
    const size = this.options.size ?? probe.deviceMtu;
    const large = { size: Math.max(1, size - headerBytes[probe.family]), whole: true };
    const [full, small] = await Promise.all([probe.echo(this.target, large), probe.echo(this.target)]);
    if (full.ok || (isNotRun(full) && small.ok)) return full;
    if (!small.ok) return small;
    return {
      ok: false,
      code: 'too-large',
      reason: `a packet of ${size} bytes does not get to ${this.target}, a small one does`,
    };
  }
}

/** A packet of full size to an address, a name, or `'gateway'`. */
export function mtu(target: string, options?: MtuOptions): TestScenarioMtu {
  return new TestScenarioMtu(target, options);
}
