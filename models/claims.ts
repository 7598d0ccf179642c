/**
 * The numbers of ours in a kernel that others share, by what they are for: `table fibre`, `activeTableId`,
 * `rulePreference`, `fwmarkMask`.
 */
export type Claims = Readonly<Record<string, Claim>>;

/** One of those numbers. */
export interface Claim {
  readonly used: number;
  readonly first: number; // what the configuration says, or the default; another if others had that one
}
