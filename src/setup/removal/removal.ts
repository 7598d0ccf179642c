/** One thing to take away: what it is, and how. `undo` throws when it could not. */
export interface Removal {
  readonly what: string;
  readonly undo: () => Promise<void>;
}
