/** Puts the program on a machine, step by step; see manifest.ts for the list of files. */
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { secretsFolder } from '../../models/secret.ts';
import type { CommandShape } from './command-shape.ts';
import { compileStep, forgetOldStep, linkStep, programStep, writeStep } from './file-steps.ts';
import { leaseHookSteps } from './lease-hooks.ts';
import {
  below,
  commandLink,
  earlierRangeIn,
  filePaths,
  foldersRecord,
  manifestFiles,
  pingRange,
  programParts,
  wordFiles,
  wordPaths,
} from './manifest.ts';
import { hasNetworkd, networkdStep } from './networkd.ts';
import { needsRotation } from './openrc.ts';
import { neededPackages } from './packages.ts';
import { secretsFolderStep } from './secret-files.ts';
import { enableStep, returnStep, startStep, unitStep } from './service.ts';
import { pending, type Step } from './step.ts';
import type { Table } from './tables.ts';
import { home } from './unit.ts';

/** What to install, and how far to go. */
export interface Installation {
  readonly source: string; // the folder of this program
  readonly prefix: string; // '' or a folder that takes the place of the machine's root
  // undefined: the one in place stays
  readonly config: { readonly name: string; readonly text: string } | undefined;
  readonly tables: readonly Table[];
  readonly groups: readonly string[]; // that the service must be in
  readonly commands: readonly CommandShape[]; // for completions and man page
  readonly version: string;
  // the program to run it with; undefined: not known, another machine will run it
  readonly node: string | undefined;
  readonly systemd: 'none' | 'files' | 'start'; // not in use; only the unit file; enable and start
  readonly wasActive: boolean;
  readonly takeBack: () => Promise<void>; // removes our routes, should the first start fail
}

/** The steps of an installation, in order. @throws {Error} when the source is not complete */
export async function installSteps(installation: Installation): Promise<readonly Step[]> {
  const files = [
    ...programSteps(installation),
    ...configSteps(installation),
    secretsFolderStep(below(installation.prefix, secretsFolder)),
    ...folderSteps(installation),
    ...machineSteps(installation),
  ];
  const last = [forgetOldStep(below(installation.prefix, home))];
  if (installation.systemd !== 'start') return [...files, ...last];
  const { wasActive, takeBack } = installation;
  const changed = (await pending(files.filter(({ restarts }) => restarts))).length > 0;
  return [
    returnStep(wasActive && changed),
    ...files,
    enableStep(),
    startStep({ wasActive, changed, takeBack }),
    ...last,
  ];
}

function programSteps({ source, prefix }: Installation): readonly Step[] {
  const to = below(prefix, home);
  if (source === to) return [compileStep(to)];
  const lock = readFileSync(join(source, 'package-lock.json'), 'utf8');
  const parts = [...programParts.filter((part) => existsSync(join(source, part)))];
  return [
    programStep(source, to, [...parts, ...neededPackages(source, JSON.parse(lock))]),
    // tells the launcher that nothing needs installing
    writeStep(join(to, 'node_modules', '.installed'), lock),
    compileStep(to),
  ];
}

/** A configuration that is replaced is kept next to the new one. */
function configSteps({ prefix, config }: Installation): readonly Step[] {
  if (config === undefined) return [];
  const file = below(prefix, join(home, config.name));
  const earlier = existsSync(file) ? readFileSync(file, 'utf8') : config.text;
  const backup = earlier === config.text ? [] : [writeStep(`${file}.before`, earlier)];
  return [...backup, writeStep(file, config.text)];
}

/** Records which folders will have to be created: an uninstall removes these, and no others. */
function folderSteps({ prefix }: Installation): readonly Step[] {
  if (prefix !== '') return []; // the folders of the machine it is for are not known
  const record = join(home, foldersRecord);
  const recorded = existsSync(record) ? readFileSync(record, 'utf8').split('\n') : [];
  const { rotation, networkd, ...others } = filePaths; // the first is written only where its folder is
  const written = [...Object.values(others), ...(hasNetworkd(prefix) ? [networkd] : [])];
  const paths = [...written, ...Object.values(wordPaths), commandLink.path];
  const folders = new Set([...recorded.filter((line) => line !== ''), ...paths.flatMap(missingAbove)]);
  if (folders.size === 0) return [];
  return [
    writeStep(
      record,
      [...folders]
        .sort()
        .map((folder) => `${folder}\n`)
        .join(''),
    ),
  ];
}

/** The missing folders above a file. */
function missingAbove(path: string): readonly string[] {
  const folder = dirname(path);
  return existsSync(folder) ? [] : [folder, ...missingAbove(folder)];
}

function machineSteps(installation: Installation): readonly Step[] {
  const { prefix, tables, groups, node, systemd } = installation;
  const sysctlFile = below(prefix, filePaths.sysctl);
  const earlierRange = existsSync(sysctlFile)
    ? earlierRangeIn(readFileSync(sysctlFile, 'utf8'))
    : presentRange();
  const files = manifestFiles({
    tables,
    groups,
    node,
    earlierRange: earlierRange ?? '1 0',
    rotatesLog: prefix === '' && needsRotation(),
  });
  const steps = files
    .filter(({ path }) => path !== filePaths.sysctl || earlierRange !== pingRange.value)
    .map(({ path, content }) =>
      path === filePaths.unit && systemd !== 'none'
        ? unitStep(below(prefix, path), content)
        : writeStep(below(prefix, path), content),
    );
  const ranges = prefix === '' ? [rangeStep()] : [];
  const words = wordFiles(installation.commands, installation.version).map(({ path, content }) =>
    writeStep(below(prefix, path), content, false),
  );
  const hooks = leaseHookSteps(installation.source, prefix);
  const isLive = systemd === 'start';
  const networkd = hasNetworkd(prefix) ? [networkdStep(below(prefix, filePaths.networkd), isLive)] : [];
  return [
    ...steps,
    ...networkd,
    ...hooks,
    ...words,
    ...ranges,
    linkStep(below(prefix, commandLink.path), commandLink.target),
  ];
}

/** Permits ping sockets now; the sysctl file does so at each boot. */
function rangeStep(): Step {
  const earlier = presentRange();
  let set = false;
  return {
    what: `set ${pingRange.path} to ${pingRange.value}`,
    isDone: () => presentRange() === pingRange.value || !isWritable(pingRange.path),
    act: () => {
      try {
        writeFileSync(pingRange.path, pingRange.value);
        set = true;
      } catch {
        // User namespaces do not accept such a range. It works without: the daemon uses the ping program, and
        // `status` says so.
      }
    },
    undo: () => {
      if (set && earlier !== undefined) writeFileSync(pingRange.path, earlier);
    },
  };
}

/** False in many containers, whose settings are read-only. */
function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false; // whatever the reason
  }
}

/** The present range, as two numbers with one space between; undefined where the kernel has none. */
function presentRange(): string | undefined {
  if (!existsSync(pingRange.path)) return undefined;
  return readFileSync(pingRange.path, 'utf8').trim().replaceAll(/\s+/g, ' ');
}
