/**
 * Which configuration an install puts in place: the one in place, the one given, one next to the program, or
 * a proposal.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import type { Config } from '../../../models/config.ts';
import type { Links } from '../../../models/link.ts';
import { messageOf } from '../../../models/message-of.ts';
import { configNames, findConfig } from '../../config/load/find.ts';
import { readConfig } from '../../config/read-config.ts';
import { programFolder } from '../../process/program.ts';
import { propose } from '../../setup/propose.ts';
import type { Table } from '../../setup/tables.ts';
import { home } from '../../setup/unit.ts';
import type { AskOperator } from './ask-operator.ts';
import { askGateways } from './gateway-answers.ts';

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

/**
 * Chooses, and says of every other candidate why it is not used.
 * @throws {Error} when the one in place, or the one given, cannot be used
 */
export async function chooseConfig(choice: Choice): Promise<Chosen> {
  const { given, folder } = choice;
  const present = findConfig([folder]);
  const shipped = programFolder === folder ? undefined : findConfig([programFolder]);
  if (given !== undefined) return take(given, present);
  if (present !== undefined) {
    const kept = await keep(present);
    return { ...kept, remarks: [...kept.remarks, ...others(present), ...unusedCopy(shipped, present)] };
  }
  if (shipped === undefined) return proposal(choice);
  const fitting = await ifFitting(shipped, choice.links);
  if ('chosen' in fitting) return fitting.chosen;
  const proposed = await proposal(choice);
  const unused = `not using ${shipped}: ${fitting.problem} (--config ${shipped} uses it anyway)`;
  return { ...proposed, remarks: [unused, ...proposed.remarks] };
}

/** Configurations of other names next to the one in use. */
function others(used: string): readonly string[] {
  const names = configNames.filter(
    (name) => name !== basename(used) && existsSync(join(dirname(used), name)),
  );
  return names.map((name) => `not using ${join(dirname(used), name)}: ${basename(used)} comes first`);
}

/** A configuration next to `install` that differs from the one in use: perhaps it was edited for this install. */
function unusedCopy(file: string | undefined, used: string): readonly string[] {
  if (file === undefined || readFileSync(file).equals(readFileSync(used))) return [];
  return [`not using ${file}: ${used} is in place (--config ${file} replaces it)`];
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
  refuseImportsOfCopy(given, text);
  return { put: { name, text }, config: await readText(given, text), remarks: [`using ${given}`] };
}

/** The service cannot read what is in a home folder, and this copy of the program may be gone tomorrow. */
function refuseImportsOfCopy(given: string, text: string): void {
  const place = `${programFolder}/`;
  if (programFolder === home || !/['"`]/.test(text[text.indexOf(place) - 1] ?? '')) return;
  throw new BadConfig(
    `${given} imports from ${place}, which is only the copy that install runs from: import from './models/config.ts' instead, as it will be in ${home}`,
  );
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
async function ifFitting(
  file: string,
  { links }: Links,
): Promise<{ readonly chosen: Chosen } | { readonly problem: string }> {
  const found = await readConfig(file);
  if (!found.ok) return { problem: 'it has mistakes, see: failover check' };
  const names = new Set(links.map(({ name }) => name));
  const missing = found.config.providers.filter(({ interfaceName }) => !names.has(interfaceName));
  if (missing.length > 0) {
    const devices = [...new Set(missing.map(({ interfaceName }) => interfaceName))].join(', ');
    return { problem: `this machine has no ${devices}` };
  }
  const text = readFileSync(file, 'utf8');
  const remarks = [`using ${file}: this machine has all its devices`, ...others(file)];
  return { chosen: { put: { name: basename(file), text }, config: found.config, remarks } };
}

async function proposal({ links, taken, ask }: Choice): Promise<Chosen> {
  const { doubts } = propose(links, taken);
  const gateways = ask === undefined ? new Map<string, string>() : await askGateways(doubts, ask);
  const { text, remarks, usable } = propose(links, taken, gateways);
  const name = 'config.ts';
  const config = usable ? await readText(name, text) : undefined;
  return { put: { name, text }, config, remarks };
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
    writeFileSync(copy, text.replaceAll(`${home}/models/`, `${programFolder}/models/`)); // not there yet
    const found = await readConfig(copy);
    if (found.ok) return found.config;
    const own = join(programFolder, 'models/config.ts');
    throw new BadConfig(found.complaint.replaceAll(copy, file).replaceAll(own, './models/config.ts'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
