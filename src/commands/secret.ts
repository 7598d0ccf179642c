import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { messageOf } from '../../models/message-of.ts';
import { secretNamePattern, secretNameRule, secretsFolder } from '../../models/secret.ts';
import { type Output, type OutputOptions, outputOf, refuse } from '../report/output.ts';
import { removeSecret, secretNames, writeSecret } from '../setup/secret-files.ts';
import { isSystemdRunning, serviceState } from '../setup/service.ts';

/** Options of `failover secret`. */
export interface SecretOptions extends OutputOptions {
  readonly folder?: string; // @default /etc/failover/secrets
  readonly input?: NodeJS.ReadableStream & { readonly isTTY?: boolean }; // @default standard input
}

const mostBytes = 64 * 1024; // systemd allows 1 MiB for all credentials together

/**
 * `failover secret set NAME | list | remove NAME`: texts that a configuration refers to by name, and that are
 * never shown.
 */
export async function secret(
  action: string,
  name: string | undefined,
  options: SecretOptions,
): Promise<number> {
  const output = outputOf(options);
  const problem = misuse(action, name) ?? withoutRight(options);
  if (problem !== undefined) return refuse(output, problem);
  const folder = options.folder ?? secretsFolder;
  try {
    if (name === undefined) return list(output, secretNames(folder));
    if (action === 'set') return await set(output, name, { folder, input: options.input ?? process.stdin });
    return await take(output, name, folder);
  } catch (error) {
    return refuse(output, messageOf(error));
  }
}

function misuse(action: string, name: string | undefined): string | undefined {
  if (action === 'list') return name === undefined ? undefined : 'list takes no name';
  if (name === undefined) return `the name is missing: failover secret ${action} NAME`;
  return secretNamePattern.test(name) ? undefined : `"${name}" ${secretNameRule}`;
}

function withoutRight({ folder }: SecretOptions): string | undefined {
  if (folder !== undefined || process.getuid?.() === 0) return undefined;
  return 'this needs root, as only root may read secrets: run it with sudo';
}

function list(output: Output, names: readonly string[]): number {
  if (output.json) output.print(JSON.stringify({ ok: true, names }, null, 2));
  else output.print(names.length === 0 ? 'No secret is set.' : names.join('\n'));
  return 0;
}

async function set(
  output: Output,
  name: string,
  { folder, input }: { folder: string; input: NonNullable<SecretOptions['input']> },
): Promise<number> {
  const given = (input.isTTY ? await typed(name) : await textOf(input)).replace(/\r?\n$/, '');
  const rule = ruleBroken(given);
  if (rule !== undefined) return refuse(output, rule);
  writeSecret(name, given, folder);
  await done(output, `The secret "${name}" is set.`, 'uses it');
  return 0;
}

function ruleBroken(text: string): string | undefined {
  if (text === '') return 'standard input was empty; a secret must not be empty';
  if (text.includes('\0')) return 'the secret must be text, without NUL characters';
  if (Buffer.byteLength(text) > mostBytes) return `the secret must have at most ${mostBytes} bytes`;
  return undefined;
}

/** Reads one line without echoing it on the terminal. */
async function typed(name: string): Promise<string> {
  process.stderr.write(`The secret "${name}" (not shown): `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

async function take(output: Output, name: string, folder: string): Promise<number> {
  if (!removeSecret(name, folder))
    return refuse(output, `there is no secret "${name}"; "failover secret list" shows those there are`);
  await done(output, `The secret "${name}" is removed.`, 'goes without it');
  return 0;
}

/** systemd gives a service its credentials only when it starts. */
async function done(output: Output, what: string, then: string): Promise<void> {
  const isActive = isSystemdRunning() && (await serviceState()).active === 'active';
  const inService = isActive
    ? 'after a restart (a reload is not enough; routes stay): systemctl restart failover'
    : 'when it starts next';
  const next = `The daemon ${then} ${isSystemdRunning() ? inService : 'from its next check on; no restart is needed'}.`;
  if (output.json) output.print(JSON.stringify({ ok: true, needsRestart: isActive }, null, 2));
  else output.print(`${what}\n${next}`);
}
