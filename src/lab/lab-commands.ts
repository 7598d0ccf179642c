/** Commands for a persistent lab: `cut fibre`, `loss lte 20%`, … */
import type { Lab } from './lab.ts';

/** A fault a user can cause. */
interface Fault {
  readonly usage: string;
  readonly meaning: string; // of the command and its value, for help
  readonly value?: string; // @default none is taken; '' if one must be given
  cause(order: Given): Promise<string>;
}

const faults: Readonly<Record<string, Fault>> = {
  cut: {
    usage: 'cut ISP',
    meaning: 'its gateway answers, nothing beyond it does',
    async cause({ lab, isp }) {
      await lab.cut(isp);
      return `${isp} is cut: its gateway answers, nothing beyond it does. Repair it with: failover lab heal ${isp}`;
    },
  },
  heal: {
    usage: 'heal ISP',
    meaning: 'end a cut, flapping, or a missing carrier',
    async cause({ lab, isp }) {
      await lab.heal(isp);
      return `${isp} works again`;
    },
  },
  loss: {
    usage: 'loss ISP RATIO',
    meaning: 'share lost: 0.2 or 20% (default: 100%)',
    value: '100%',
    async cause({ lab, isp, value }) {
      const ratio = number(value, /%$/, 0.01);
      if (ratio > 1) throw new Error(`a loss is at most 1, or 100%, not "${value}"`);
      await lab.loss(isp, ratio);
      return `${isp} loses ${+(ratio * 100).toFixed(2)} % of round trips`;
    },
  },
  delay: {
    usage: 'delay ISP MS',
    meaning: 'for each round trip (default: 200)',
    value: '200',
    async cause({ lab, isp, value }) {
      const ms = number(value, /ms$/, 1);
      await lab.delay(isp, ms);
      return `${isp} adds ${ms} ms to each round trip`;
    },
  },
  flap: {
    usage: 'flap ISP SECONDS',
    meaning: 'down and up in turn, 30 times (default: 1)',
    value: '1',
    async cause({ lab, isp, value }) {
      const ms = number(value, /s$/, 1) * 1000;
      if (ms < 20) throw new Error('a lab flaps no faster than every 0.02 s');
      // It outlives this command, until the lab ends, when its failures no longer matter.
      lab.flap(isp, { downMs: ms, upMs: ms, count: 30 }).catch(() => undefined);
      return `${isp} is cut and healed in turn every ${ms / 1000} s, 30 times. End it with: failover lab heal ${isp}`;
    },
  },
  carrier: {
    usage: 'carrier ISP on|off',
    meaning: 'plug its cable in, or pull it out',
    value: '',
    async cause({ lab, isp, value }) {
      if (value === '') throw new Error(`usage: failover lab carrier ${isp} on|off`);
      if (value !== 'on' && value !== 'off') throw new Error(`a carrier is on or off, not "${value}"`);
      await lab.carrier(isp, value === 'on');
      return `${isp}'s carrier is ${value}`;
    },
  },
};

interface Given {
  readonly lab: Lab;
  readonly isp: string;
  readonly value: string;
}

/** The usages, for help and error messages. */
export const commandUsages: readonly string[] = Object.values(faults).map(({ usage }) => usage);

const others: readonly (readonly [usage: string, meaning: string])[] = [
  ['status [--watch]', 'what the daemon says; with an ISP, its figures'],
  ['shell', 'on the router: ip route, failover pin cable'],
  ['down', 'end the lab'],
];

/** What can be done to a lab that stays, a line each. */
export const labHelp = [
  ...Object.values(faults).map(({ usage, meaning }) => [usage, meaning] as const),
  ...others,
]
  .map(([usage, meaning]) => `  failover lab ${usage.padEnd(19)} ${meaning}`)
  .join('\n');

/** Whether it is the name of a fault. */
export function isLabCommand(action: string): boolean {
  return Object.hasOwn(faults, action);
}

/** Executes a command and says what it did. @throws {Error} saying what is wrong with the command */
export async function execute(lab: Lab, action: string, args: readonly string[]): Promise<string> {
  const fault = isLabCommand(action) ? faults[action] : undefined;
  if (fault === undefined)
    throw new Error(`the lab has no command "${action}"; it has ${commandUsages.join(', ')}`);
  const [name, value = fault.value ?? ''] = args;
  const names = lab.isps.map((isp) => isp.name).join(', ');
  const most = fault.value === undefined ? 1 : 2;
  if (name === undefined || args.length > most)
    throw new Error(`usage: failover lab ${fault.usage}; ISP is one of ${names}`);
  return await fault.cause({ lab, isp: lab.isp(name).name, value });
}

/** A number, scaled when it has the unit. */
function number(text: string, unit: RegExp, scale: number): number {
  const bare = text.replace(unit, '').trim();
  const value = bare === '' ? Number.NaN : Number(bare) * (unit.test(text) ? scale : 1);
  if (!Number.isFinite(value) || value < 0) throw new Error(`"${text}" is not a valid number`);
  return value;
}
