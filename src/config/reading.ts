import { type PackedConfig, packConfig, unpackConfig } from './packed-config.ts';
import type { Parsed } from './parse.ts';

/** The outcome of reading a configuration file: why it cannot be loaded, or its content. */
export type Reading =
  | { readonly file: string | undefined; readonly problem: string }
  | {
      readonly file: string;
      readonly parsed: Parsed;
      /** The document that was parsed, if nothing else decides what it means; absent for a program. */
      readonly text?: string;
    };

type Good = Extract<Parsed, { ok: true }>;

/** A reading as plain data. */
export type PackedReading =
  | Exclude<Reading, { parsed: Parsed }>
  | {
      readonly file: string;
      readonly parsed: Exclude<Parsed, Good> | (Omit<Good, 'config'> & { readonly config: PackedConfig });
      readonly text?: string;
    };

/** Packs a reading as data that JSON can hold. */
export function packReading(reading: Reading): PackedReading {
  if ('problem' in reading || !reading.parsed.ok) return { ...reading } as PackedReading; // no configuration in it
  const { parsed } = reading;
  return { ...reading, parsed: { ...parsed, config: packConfig(parsed.config) } };
}

/** The reading that was packed. */
export function unpackReading(packed: PackedReading): Reading {
  if ('problem' in packed || !packed.parsed.ok) return { ...packed } as Reading; // no configuration in it
  const { parsed } = packed;
  return { ...packed, parsed: { ...parsed, config: unpackConfig(parsed.config) } };
}
