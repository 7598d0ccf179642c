import type { Config } from '../../models/config.ts';
import type { Links } from '../../models/link.ts';
import { neededSysctls, type Sysctls, sysctlsToChange, writeSysctls } from './sysctl.ts';

/** What `DeviceSettings` needs from outside. */
export interface DeviceSettingsParts {
  readonly earlier: Sysctls; // values that an earlier run of this boot found and changed
  /** Stores `earlier` before anything is changed, so that no crash can lose it. */
  remember(): Promise<void>;
  trouble(message: string): void;
}

/** Applies the settings that the providers' devices need, again when one is re-created, and can undo them. */
export class DeviceSettings {
  readonly #parts: DeviceSettingsParts;
  #earlier: Sysctls;
  #prepared = '';

  constructor(parts: DeviceSettingsParts) {
    this.#parts = parts;
    this.#earlier = parts.earlier;
  }

  /** The values before our first change. */
  get earlier(): Sysctls {
    return this.#earlier;
  }

  /** Does nothing when the devices and their needs are the same as last time. */
  async apply(config: Config, { links }: Links): Promise<void> {
    const names = new Set(
      config.providers.filter(({ enabled }) => enabled).map(({ interfaceName }) => interfaceName),
    );
    const devices = links.filter(({ name }) => names.has(name));
    const needed = neededSysctls(
      config,
      devices.map(({ name }) => name),
    );
    const needs = JSON.stringify([devices.map(({ index }) => index), needed]);
    if (needs === this.#prepared) return;
    this.#prepared = needs;
    this.#earlier = { ...sysctlsToChange(needed), ...this.#earlier };
    await this.#parts.remember();
    this.#write(needed);
  }

  /** Puts the earlier values back. */
  restore(): void {
    this.#write(this.#earlier);
    this.#earlier = {};
  }

  #write(values: Sysctls): void {
    for (const problem of writeSysctls(values)) this.#parts.trouble(problem);
  }
}
