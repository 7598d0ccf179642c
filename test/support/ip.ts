/** The programs a test uses to change its own network namespace. */
import { run } from '../../src/kernel/exec.ts';

/** Runs `ip` with the words of `command`. @throws with its error output */
export async function ip(command: string): Promise<string> {
  const { code, stdout, stderr } = await run('ip', command.split(' '));
  if (code !== 0) throw new Error(`ip ${command}: ${stderr.trim()}`);
  return stdout;
}

/** Runs `tc` with the words of `command`. @throws with its error output */
export async function tc(command: string): Promise<void> {
  const { code, stderr } = await run('tc', command.split(' '));
  if (code !== 0) throw new Error(`tc ${command}: ${stderr.trim()}`);
}

/** Runs one `nft` transaction, here or in a namespace. @throws with its error output */
export async function nft(commands: string, namespace?: string): Promise<void> {
  const before = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
  const [program = '', ...args] = [...before, 'nft', '-f', '-'];
  const { code, stderr } = await run(program, args, { input: `${commands}\n` });
  if (code !== 0) throw new Error(`nft ${commands}: ${stderr.trim()}`);
}

/** A device's index. */
export async function linkIndex(name: string): Promise<number> {
  const [link]: { ifindex: number }[] = JSON.parse(await ip(`-j link show ${name}`));
  if (link === undefined) throw new Error(`ip shows no device ${name}`);
  return link.ifindex;
}
