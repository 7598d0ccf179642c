import type { Isp } from '../isp.ts';

/** Draws a lab: the router, its ISPs with what is special about them, and the internet. `undelayed`: have no delay. */
export function draw(isps: readonly Isp[], undelayed: ReadonlySet<string> = new Set()): string {
  const deviceWidth = Math.max(...isps.map(({ device }) => device.length));
  const names = isps.map((isp) => describe(isp, undelayed.has(isp.name)));
  const nameWidth = Math.max(...names.map((name) => name.length));
  const middle = Math.floor((isps.length - 1) / 2);
  const rows = isps.map((isp, i) => {
    const router = i === middle ? '| router |-' : '|        | ';
    const internet = i === middle ? '-| internet |' : ' |          |';
    const device = `${isp.device} `.padEnd(deviceWidth + 1, '-');
    return `  ${router}+-- ${device}-[ ${(names[i] ?? '').padEnd(nameWidth)} ]--+${internet}`;
  });
  const width = deviceWidth + nameWidth;
  const edge = `  +--------+ ${' '.repeat(width + 13)} +----------+`;
  const targets = '1.1.1.1  8.8.8.8  9.9.9.9  and their IPv6 addresses';
  return [edge, ...rows, edge, `  ${targets.padStart(width + 36)}`].join('\n');
}

function describe(isp: Isp, isUndelayed: boolean): string {
  const traits = [
    ...(isp.delayMs > 0 && !isUndelayed ? [`${isp.delayMs} ms`] : []),
    ...(isp.lossRatio > 0 ? [`${isp.lossRatio * 100} % loss`] : []),
    ...(isp.kind === 'tun' ? ['no gateway'] : []),
  ];
  return [isp.name, ...traits].join(', ');
}
