/**
 * A text kept out of the configuration, which everyone may read: a password, a token. The configuration, and everything
 * made from it, holds only its name; the text is read only where it is used.
 */
export interface Secret {
  readonly secret: string; // its name
  readonly prefix?: string | undefined; // before the text, such as 'Bearer '
  readonly user?: string | undefined; // the text is this user's password: both make a Basic `authorization` (RFC 7617)
}

/** Where an install keeps a machine's secrets, one file each; only root may read it. */
export const secretsFolder = '/etc/failover/secrets';

/** The form of a secret's name, which becomes a file name and part of a variable's name. */
export const secretNamePattern = /^[a-z][a-z0-9_-]{0,62}$/;

/** The rule for names, in words. */
export const secretNameRule =
  "must be the name of a secret: lower-case letters, digits, '-' or '_', beginning with a letter, at most 63";

/**
 * A secret by name, wherever a password or token is needed: `headers: { authorization: secret('portal') }`.
 * Set it with `sudo failover secret set NAME`. In JSON, YAML and TOML it is `{ secret: 'NAME' }`.
 * `prefix` goes before it, such as `'Bearer '`; with `user`, it is that user's password in a Basic `authorization`.
 */
export function secret(
  name: string,
  options: { readonly prefix?: string; readonly user?: string } = {},
): Secret {
  return { secret: name, ...options };
}

/** Whether a value is a secret by name. */
export function isSecret(value: unknown): value is Secret {
  return typeof value === 'object' && value !== null && 'secret' in value && typeof value.secret === 'string';
}

/** What to do about a secret that is not set. */
export function unsetSecret(name: string): string {
  return `the secret "${name}" is not set: sudo failover secret set ${name}`;
}
