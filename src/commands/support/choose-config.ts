/**
 * Which configuration an install puts in place: the one in place, the one given, one next to the program, or
 * a proposal.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import type { Config } from '../../../models/config.ts';
import type { Links } from '../../../models/link.ts';
import { messageOf } from '../../../models/message-of.ts';
import { configNames, findConfig } from '../../config/load/find.ts';
import { readConfig } from '../../config/read-config.ts';
import { programFolder } from '../../process/program.ts';
import { type Doubt, propose } from '../../setup/propose.ts';
import type { Table } from '../../setup/tables.ts';
import type { AskOperator } from './ask-operator.ts';

/** The configuration to install, checked. `text` and `name` are undefined when the one in place stays. */
export interface Chosen {
  readonly put: { readonly name: string; readonly text: string } | undefined;
  readonly config: Config | undefined; // undefined: the operator must complete it first
  readonly remarks: readonly string[];
}

/** The candidates. */
export interface Choice {
  readonly given: string | undefined; // --config
  readonly folder: string; // where it is to be
  readonly links: Links;
  readonly taken: readonly Table[];
  readonly ask: AskOperator | undefined; // undefined: no terminal
}

/** Chooses. @throws {Error} when the one in place, or the one given, cannot be used */
export async function chooseConfig(choice: Choice): Promise<Chosen> {
  const { given, folder } = choice;
  const present = findConfig([folder]);
  if (given !== undefined) return take(given, present);
  if (present !== undefined) return keep(present);
  const shipped = findConfig([programFolder]);
  const fitting = shipped === undefined ? undefined : await ifFitting(shipped, choice.links);
  return fitting ?? proposal(choice);
}

/** An uninstall leaves a configuration behind without the `models/` it imports. */
async function keep(file: string): Promise<Chosen> {
  const isWhole = existsSync(join(dirname(file), 'models'));
  const config = isWhole ? read(file) : readText(file, readFileSync(file, 'utf8'));
  return { put: undefined, config: await config, remarks: [`keeping ${file}`] };
}

async function take(given: string, present: string | undefined): Promise<Chosen> {
  const ending = /\.[a-z]+$/.exec(basename(given))?.[0] ?? '';
  const name = configNames.find((known) => known === `config${ending}`);
  if (name === undefined)
    throw new Error(`${given} cannot be used: its name must end like one of ${configNames.join(', ')}`);
  if (present !== undefined && basename(present) !== name)
    throw new Error(`${present} already exists and would conflict with ${name}; move it away first`);
  const text = readGiven(given);
  return { put: { name, text }, config: await readText(given, text), remarks: [`using ${given}`] };
}

function readGiven(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = messageOf(error);
    throw new Error(`the configuration named by --config cannot be read: ${reason}`, { cause: error });
  }
}

/**
 * A configuration next to the program is used when this machine has all its devices; those of the shipped
 * example are unlikely.
 */
async function ifFitting(file: string, { links }: Links): Promise<Chosen | undefined> {
  const found = await readConfig(file);
  if (!found.ok) return undefined;
  const names = new Set(links.map(({ name }) => name));
  if (!found.config.providers.every(({ interfaceName }) => names.has(interfaceName))) return undefined;
  return {
    put: { name: basename(file), text: readFileSync(file, 'utf8') },
    config: found.config,
    remarks: [`using ${file}: this machine has all its devices`],
  };
}

async function proposal({ links, taken, ask }: Choice): Promise<Chosen> {
  const { doubts } = propose(links, taken);
  const gateways = ask === undefined ? new Map<string, string>() : await askGateways(doubts, ask);
  const { text, remarks, usable } = propose(links, taken, gateways);
  const name = 'config.ts';
  const config = usable ? await readText(name, text) : undefined;
  return { put: { name, text }, config, remarks };
}

/** The gateways that the operator entered, by device. */
async function askGateways(doubts: readonly Doubt[], ask: AskOperator): Promise<Map<string, string>> {
  const gateways = new Map<string, string>();
  for (const { interfaceName, question } of doubts) {
    let answer = await ask(question);
    while (answer !== '' && isIP(answer) === 0)
      answer = await ask(`'${answer}' is not an address such as 192.168.1.1. ${question}`);
    if (answer !== '') gateways.set(interfaceName, answer);
  }
  return gateways;
}

async function read(file: string): Promise<Config> {
  const found = await readConfig(file);
  if (!found.ok) throw new BadConfig(found.complaint);
  return found.config;
}

/** The configuration cannot be used; the message names the file and every mistake. */
export class BadConfig extends Error {}

/**
 * Reads a configuration as if it were in place, next to `models/`, without putting it there. `file`: its name
 * in messages.
 */
async function readText(file: string, text: string): Promise<Config> {
  const folder = mkdtempSync(join(tmpdir(), 'failover-config-'));
  const copy = join(folder, `config${extname(file)}`);
  try {
    for (const part of ['models', 'node_modules', 'package.json'])
      if (existsSync(join(programFolder, part))) symlinkSync(join(programFolder, part), join(folder, part));
    writeFileSync(copy, text);
    const found = await readConfig(copy);
    if (!found.ok) throw new BadConfig(found.complaint.replaceAll(copy, file));
    return found.config;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
