/** One thing to remove: what it is, and how. `undo` throws on failure. */
export interface Removal {
  readonly what: string;
  readonly condition?: string; // 'if empty': on which it depends whether it is removed
  readonly undo: () => Promise<void>;
  /** After `undo`: whether it is still there, since the condition was not met. */
  readonly stayed?: () => boolean;
}
