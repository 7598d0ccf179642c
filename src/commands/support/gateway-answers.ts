/** Whether the gateways that an install was given are there: asks them, and the operator where they do not answer. */
import { isIP } from 'node:net';
import type { Config } from '../../../models/config.ts';
import { families } from '../../../models/path.ts';
import { run } from '../../kernel/exec.ts';
import type { Doubt } from '../../setup/propose.ts';
import type { AskOperator } from './ask-operator.ts';

/** The gateways that the operator entered, by device. One that does not answer has to be entered twice. */
export async function askGateways(
  doubts: readonly Doubt[],
  ask: AskOperator,
): Promise<ReadonlyMap<string, string>> {
  const gateways = new Map<string, string>();
  for (const { interfaceName, question } of doubts) {
    const gateway = await askGateway(interfaceName, question, ask);
    if (gateway !== '') gateways.set(interfaceName, gateway);
  }
  return gateways;
}

async function askGateway(device: string, question: string, ask: AskOperator): Promise<string> {
  let answer = await ask(question);
  let silent: string | undefined; // the one that did not answer
  while (answer !== '') {
    if (isIP(answer) === 0) {
      answer = await ask(`"${answer}" is not an address such as 192.168.1.1. ${question}`);
    } else {
      if (answer === silent || (await gatewayAnswers(device, answer))) return answer;
      silent = answer;
      answer = await ask(`${silence(device, answer)}. Enter it again to use it anyway, or another one: `);
    }
  }
  return '';
}

/** A sentence about each gateway written in a configuration that does not answer now. */
export async function silentGateways({ providers }: Config): Promise<readonly string[]> {
  const written = providers.flatMap(({ interfaceName, addressing }) =>
    families.map((family) => ({ interfaceName, gateway: addressing[family].gateway })),
  );
  const asked = written.filter(({ gateway }) => isIP(gateway) !== 0).slice(0, mostAsked);
  const sentences = await Promise.all(
    asked.map(async ({ interfaceName, gateway }) =>
      (await gatewayAnswers(interfaceName, gateway)) ? [] : [silence(interfaceName, gateway)],
    ),
  );
  return sentences.flat();
}

const mostAsked = 20; // of a range there may be a thousand

function silence(device: string, gateway: string): string {
  const resolution = isIP(gateway) === 4 ? 'ARP' : 'neighbour discovery';
  return `the gateway ${gateway} answers neither ${resolution} nor echo requests through ${device}`;
}

/** Whether a device's neighbour answers an echo request, or at least gives its hardware address. */
async function gatewayAnswers(device: string, address: string): Promise<boolean> {
  const echoes = ['-n', '-q', '-c', '2', '-i', '0.3', '-w', '2', '-I', device, address];
  try {
    if ((await run('ping', echoes)).code === 0) return true;
    const { stdout } = await run('ip', ['neighbour', 'show', 'to', address, 'dev', device]);
    return / lladdr /.test(stdout);
  } catch {
    return false; // without ping or ip nothing can be asked
  }
}
