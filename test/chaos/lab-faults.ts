/** Carries out the faults of a schedule in a lab, and notes what was true from when until when. */
import type { Lab } from '../../src/lab/lab.ts';
import { now } from '../../src/lab/now.ts';
import { prefs } from '../../src/lab/topology.ts';
import type { LineFault, LineTraits, Tampering, TargetFault } from './schedule.ts';
import { targets } from './schedule.ts';
import { type Spell, spellsOfFault } from './truth.ts';

/** Faults in progress are named by the object that describes them. */
export class LabFaults {
  /** As they really were, in ms since the start. */
  readonly spells: Spell[] = [];
  readonly #lab: Lab;
  readonly #lines: readonly LineTraits[];
  readonly #startedAt: number;
  readonly #begun = new Map<LineFault, number>(); // ms since the start
  readonly #flaps = new Map<LineFault, Promise<void>>();
  readonly #addresses = new Map<number, number>(); // host part of each line's address

  constructor(lab: Lab, lines: readonly LineTraits[], startedAt: number) {
    this.#lab = lab;
    this.#lines = lines;
    this.#startedAt = startedAt;
  }

  /** ms since the start. */
  get nowMs(): number {
    return now() - this.#startedAt;
  }

  async beginLine(fault: LineFault): Promise<void> {
    const { id = '' } = this.#lines[fault.line] ?? {};
    if (fault.kind === 'flapping') {
      this.#flaps.set(fault, this.#flap(fault, id));
      return;
    }
    this.#begun.set(fault, this.nowMs);
    await this.#inject(fault, id);
  }

  async endLine(fault: LineFault): Promise<void> {
    const { id = '' } = this.#lines[fault.line] ?? {};
    await this.#flaps.get(fault);
    const beganMs = this.#begun.get(fault);
    if (beganMs === undefined) return;
    await this.#heal(fault, id);
    const lastedMs = this.nowMs - beganMs;
    this.spells.push(...spellsOfFault({ ...fault, forMs: lastedMs }, beganMs));
  }

  async target(fault: TargetFault, isOver: boolean): Promise<void> {
    const address = targets[fault.target] ?? '';
    if (fault.kind === 'dead target')
      await (isOver ? this.#lab.reviveTarget(address) : this.#lab.killTarget(address));
    else await this.#police('internet', isOver ? undefined : `ip daddr ${address} ${limit(fault.perSecond)}`);
  }

  async tamper(fault: Tampering, isOver: boolean): Promise<void> {
    if (fault.kind === 'routes deleted') return await this.#ip('route flush table all proto 77');
    if (fault.kind === 'rules deleted') return await this.#ip('rule flush protocol 77');
    const { line, metric } = fault;
    const route = `default via 10.10.${line + 1}.254 dev eth${line + 1} metric ${metric} proto 4`;
    await this.#ip(`route ${isOver ? 'del' : 'add'} ${route}`);
  }

  async #inject(fault: LineFault, id: string): Promise<unknown> {
    switch (fault.kind) {
      case 'silent':
        return await this.#lab.cut(id);
      case 'gateway':
        return await this.#lab.gatewayDeath(id);
      case 'one-way':
        return await this.#lab.run(id, ['ip', 'rule', 'add', ...oneWay]);
      case 'carrier':
        return await this.#lab.carrier(id, false);
      case 'device':
        return await this.#lab.removeDevice(id);
      case 'address':
        return await this.#lab.removeAddress(id, 4, this.#address(fault.line));
      case 'loss':
        return await this.#lab.loss(id, 1 - (1 - fault.ratio) * (1 - this.#usualLoss(fault.line)));
      case 'policed':
        return await this.#police(id, limit(fault.perSecond));
      default:
        return undefined; // flapping has its own loop
    }
  }

  async #heal(fault: LineFault, id: string): Promise<unknown> {
    switch (fault.kind) {
      case 'one-way':
        return await this.#lab.run(id, ['ip', 'rule', 'del', ...oneWay]);
      case 'device':
        this.#addresses.delete(fault.line);
        return await this.#lab.recreateDevice(id);
      case 'address':
        this.#addresses.set(fault.line, (this.#addresses.get(fault.line) ?? 1) + 1);
        return await this.#lab.addAddress(id, 4, this.#address(fault.line));
      case 'loss':
        return await this.#lab.loss(id, this.#usualLoss(fault.line));
      case 'policed':
        return await this.#police(id, undefined);
      default:
        return await this.#lab.heal(id);
    }
  }

  async #flap(fault: LineFault & { kind: 'flapping' }, id: string): Promise<void> {
    const endMs = fault.atMs + fault.forMs;
    while (this.nowMs < endMs) {
      const beganMs = this.nowMs;
      await this.#lab.cut(id);
      await sleep(fault.downMs);
      await this.#lab.heal(id);
      this.spells.push({ line: fault.line, fromMs: beganMs, toMs: this.nowMs, share: 0, obstacle: false });
      await sleep(fault.upMs);
    }
  }

  #usualLoss(line: number): number {
    return this.#lines[line]?.lossRatio ?? 0;
  }

  #address(line: number): string {
    return `10.10.${line + 1}.${this.#addresses.get(line) ?? 1}/24`;
  }

  async #police(namespace: string, words: string | undefined): Promise<void> {
    const emptied = 'table inet police {}\ndelete table inet police\n';
    const chain = `chain prerouting {\n type filter hook prerouting priority -310\n ${words}\n }`;
    const table = words === undefined ? '' : `table inet police {\n ${chain}\n}\n`;
    await this.#lab.run(namespace, ['nft', '-f', '-'], emptied + table);
  }

  /** Others' commands race with the daemon's, and with devices that come and go. */
  async #ip(command: string): Promise<void> {
    await this.#lab.ip(command).catch(() => undefined);
  }
}

const oneWay = ['pref', String(prefs.cut + 1), 'iif', 'upstream', 'blackhole'];

function limit(perSecond: number): string {
  return `icmp type echo-request limit rate over ${perSecond}/second burst ${perSecond} packets drop`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
