/**
 * A text that is not in the configuration, which everybody may read: a password, a token. A configuration holds its
 * name only, and so does everything made from it; the text is read where it is used, and nowhere else.
 */
export interface Secret {
  readonly secret: string; // its name
  readonly prefix?: string | undefined; // before the text, such as 'Bearer '
  readonly user?: string | undefined; // the text is this user's password: both make a Basic `authorization` (RFC 7617)
}

/** Where an install keeps the secrets of a machine, a file each; only root may look into it. */
export const secretsFolder = '/etc/failover/secrets';

/** What the name of a secret looks like: it becomes a file's name and part of a variable's. */
export const secretNamePattern = /^[a-z][a-z0-9_-]{0,62}$/;

/** The rule for names. */
export const secretNameRule =
  "must be the name of a secret: lower-case letters, digits, '-' or '_', beginning with a letter, at most 63";

/**
 * A secret by its name, wherever a password or token is needed: `headers: { authorization: secret('portal') }`.
 * Set it with `sudo failover secret set NAME`. In JSON, YAML and TOML it is `{ secret: 'NAME' }`.
 * `prefix` goes before it, such as `'Bearer '`; with `user`, it is that user's password in a Basic `authorization`.
 */
export function secret(
  name: string,
  options: { readonly prefix?: string; readonly user?: string } = {},
): Secret {
  return { secret: name, ...options };
}

/** Whether a value is a secret by its name. */
export function isSecret(value: unknown): value is Secret {
  return typeof value === 'object' && value !== null && 'secret' in value && typeof value.secret === 'string';
}

/** What to do about a secret that is not set. */
export function unsetSecret(name: string): string {
  return `the secret '${name}' is not set: sudo failover secret set ${name}`;
}
