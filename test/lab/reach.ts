import type { Lab } from '../../src/lab/lab.ts';

/** Gives the router a default route through every ISP, metrics 101, 102, …: what a bound ping needs. */
export async function reach(lab: Lab): Promise<void> {
  for (const isp of lab.isps) {
    const via = (gateway: string): string => (isp.kind === 'tun' ? '' : `via ${gateway}`);
    const [four, six] = [isp.ends[4], isp.ends[6]];
    const way = `dev ${isp.device} metric ${100 + isp.index}`;
    if (four) await lab.ip(`route replace default ${via(four.gateway)} ${way}`);
    if (six) await lab.ip6(`route replace default ${via(six.gateway)} ${way}`);
  }
}

/** Whether one of three pings that are bound to a device is answered. */
export async function answers(lab: Lab, device: string, target: string): Promise<boolean> {
  const pings = ['ping', '-n', '-q', '-I', device, '-c', '3', '-i', '0.2', '-W', '0.5', target];
  try {
    await lab.run('router', pings);
    return true;
  } catch {
    return false; // ping ends with 1: unanswered
  }
}
