/**
 * The declaration of a setting: its kind, range, default and docs line. `models/settings.ts` and
 * `models/provider-fields.ts` are the tables; schema, defaults, types, `failover check` and docs follow from them.
 */
import type { OnFailback } from './on-failback.ts';

/** A duration: seconds as a number, or `'250ms'`, `'10s'`, `'2m'`, `'1h'`, `'1d'`. */
export type Duration = number | string;

/** A provider becomes unreliable over `down`, and reliable again under `up`; a value in between changes nothing. */
export interface Limits<T> {
  readonly down: T;
  readonly up: T;
  readonly whileLoaded?: Loaded<T> | undefined; // @default 'ignore'
}

/** The limits while our own traffic fills the line; 'ignore': none. */
export type Loaded<T> = 'ignore' | { readonly down: T; readonly up: T };

/** What a text means; `src/config` has a reader for each. */
export type TextForm =
  | 'id'
  | 'device'
  | 'device or pattern'
  | 'own IPv4 address'
  | 'own IPv6 address'
  | 'IPv4 network'
  | 'IPv6 network'
  | 'IPv4 gateway'
  | 'IPv6 gateway'
  | 'gateway range'
  | 'IPv4 NAT'
  | 'IPv6 NAT'
  | 'table name'
  | 'file'
  | 'FRRouting instance'
  | 'managed network'
  | 'network'
  | 'mark mask'
  | 'on failback'
  | 'server'
  | 'listening address'
  | 'absolute file';

/** One setting as declared. Without a default it may stay unset. */
export type Setting = {
  readonly docs: string; // one or two sentences, for editors
  readonly isReshaped?: true; // `Config` or `Provider` has it in another form, or not at all
} & (
  | { readonly kind: 'duration'; readonly range: readonly [string, string]; readonly default?: Duration }
  | { readonly kind: 'bytes'; readonly range: readonly [string, string]; readonly per: string }
  | { readonly kind: 'whole'; readonly range: readonly [number, number]; readonly default?: number }
  | { readonly kind: 'tableId'; readonly default?: number }
  | { readonly kind: 'tier' }
  | { readonly kind: 'required'; readonly default?: number | 'all' } // how many scenarios must pass
  | { readonly kind: 'yesNo'; readonly default?: boolean }
  | { readonly kind: 'yesNoOr'; readonly or: string }
  | { readonly kind: 'trueOr'; readonly or: string; readonly default?: true }
  | { readonly kind: 'choice'; readonly of: readonly [string, ...string[]]; readonly default?: string }
  | { readonly kind: 'text'; readonly form: TextForm; readonly default?: string }
  | { readonly kind: 'texts'; readonly form: TextForm; readonly default?: readonly string[] }
  | { readonly kind: 'limits'; readonly of: 'duration' }
  | {
      readonly kind: 'limitsOr';
      readonly of: 'ratio';
      readonly or: string;
      readonly default?: Limits<string>;
    }
  | {
      readonly kind: 'options';
      readonly fields: SettingTable;
      readonly default?: Readonly<Record<string, never>>;
    }
);

/** Settings by name, in the order in which they are shown. */
export type SettingTable = { readonly [name: string]: Setting };

/** A setting's type once parsed: times in milliseconds, ratios from 0 to 1, addresses as the kernel spells them. */
export type Value<S> = S extends { kind: 'duration' | 'bytes' }
  ? number
  : S extends { kind: 'text'; form: 'mark mask' }
    ? number
    : S extends { kind: 'text'; form: 'on failback' }
      ? OnFailback
      : S extends { kind: 'text' }
        ? string
        : S extends { kind: 'limits' }
          ? Limits<number>
          : S extends { kind: 'limitsOr'; or: infer Word }
            ? Limits<number> | Word
            : S extends { kind: 'options'; fields: infer F }
              ? Values<F>
              : Plain<S>;

/** The settings of a table that were set, once parsed. */
export type Values<T> = { readonly [K in keyof T]?: Value<T[K]> | undefined };

/** Kinds whose type is the same before and after parsing. */
type Plain<S> = S extends { kind: 'whole' | 'tableId' }
  ? number
  : S extends { kind: 'tier' }
    ? number | null
    : S extends { kind: 'required' }
      ? number | 'all'
      : S extends { kind: 'yesNo' }
        ? boolean
        : S extends { kind: 'yesNoOr'; or: infer Word }
          ? boolean | Word
          : S extends { kind: 'trueOr'; or: infer Word }
            ? true | Word
            : S extends { kind: 'choice'; of: readonly (infer Word)[] }
              ? Word
              : S extends { kind: 'texts' }
                ? readonly string[]
                : never;
