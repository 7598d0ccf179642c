/** What a configuration alone does not show: the machine and the files next to it. */
import type { Config } from '../../../models/config.ts';
import { unsetSecret } from '../../../models/secret.ts';
import type { Snapshot } from '../../../models/snapshot.ts';
import { type Mistake, mistake } from '../../config/mistake.ts';
import { secretReferences } from '../../config/secret-references.ts';
import { isSecretSet } from '../../reach/secrets.ts';
import { networkdThreat } from '../../watch/networkd.ts';
import { readSticky } from '../../watch/sticky-watcher.ts';
import { fileInUse } from './configuration.ts';

/** A warning for everything that stands in the way of a configuration, or is ignored. */
export async function worthALook(
  config: Config,
  file: string,
  daemon: Snapshot | undefined,
): Promise<readonly Mistake[]> {
  const threat = networkdThreat();
  const isRunning = daemon !== undefined && fileInUse(daemon) === file;
  const remarks = isRunning ? daemon.remarks : ignoredPin(config);
  return [
    ...(await unsetSecrets(config)),
    ...(threat === undefined ? [] : [mistake('', threat)]),
    ...remarks.map((sentence) => mistake('', sentence.replace(/\.$/, ''))),
  ];
}

/** A warning for each scenario whose secret is not set: it cannot run. */
async function unsetSecrets(config: Config): Promise<readonly Mistake[]> {
  const references = secretReferences(config);
  const states = await Promise.all(references.map(({ name }) => isSecretSet(name)));
  const unset = references.filter((_, i) => states[i] === false);
  return unset.map(({ path, name }) => mistake(path, `cannot be used: ${unsetSecret(name)}`));
}

/** What a daemon would say of the sticky file. */
function ignoredPin({ stickyProviderFilename, providers, patterns }: Config): readonly string[] {
  const reading = readSticky(stickyProviderFilename);
  if ('problem' in reading) return [`The sticky file is ignored: ${reading.problem}`];
  const { sticky } = reading;
  // Which devices the patterns match is not known here.
  if (sticky === undefined || patterns !== undefined) return [];
  return providers.some(({ id }) => id === sticky.id)
    ? []
    : [`The sticky file is ignored: no provider has the id "${sticky.id}"`];
}
