/** One thing to remove: what it is, and how. `undo` throws on failure. */
export interface Removal {
  readonly what: string;
  readonly undo: () => Promise<void>;
}
