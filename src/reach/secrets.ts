/** Reads secrets from where this machine keeps them, and keeps them out of reports. */
import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FetchReply } from '../../models/primitives.ts';
import {
  type Secret,
  secretNamePattern,
  secretNameRule,
  secretsFolder,
  unsetSecret,
} from '../../models/secret.ts';
import { impossible } from './reach-error.ts';

/** Where to look for secrets; for tests. */
export interface SecretPlaces {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folders: readonly string[]; // after the environment
}

const usualPlaces: SecretPlaces = { env: process.env, folders: ['/run/secrets', secretsFolder] };

/**
 * The text of a secret: a credential of the service (systemd.exec(5): the files of `LoadCredential=secrets:FOLDER` are
 * `secrets_NAME`), else `FAILOVER_SECRET_NAME`, else a container's secret file, else, for root, that of the install.
 * One trailing line end is dropped. `undefined`: it is not set, or this user may not read it.
 */
export async function readSecret(name: string, places = usualPlaces): Promise<string | undefined> {
  if (!secretNamePattern.test(name)) return undefined;
  const { CREDENTIALS_DIRECTORY: given, [variableOf(name)]: variable } = places.env;
  const credentials =
    given === undefined ? [] : [join(given, `secrets_${name}`), join(given, 'secrets', name)];
  const others = places.folders.map((folder) => join(folder, name));
  return (await firstText(credentials)) ?? (variable || undefined) ?? (await firstText(others));
}

/** Whether a secret is set; `undefined` where this user may not know. */
export async function isSecretSet(name: string, places = usualPlaces): Promise<boolean | undefined> {
  if ((await readSecret(name, places)) !== undefined) return true;
  for (const folder of places.folders) {
    const problem = await access(folder, constants.R_OK | constants.X_OK).then(() => undefined, codeOf);
    if (problem === 'EACCES') return undefined;
  }
  return false;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function variableOf(name: string): string {
  return `FAILOVER_SECRET_${name.toUpperCase().replaceAll('-', '_')}`;
}

async function firstText(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => ''); // unreadable for whatever reason: it is not set here
    if (text.replace(/\r?\n$/, '') !== '') return text.replace(/\r?\n$/, '');
  }
  return undefined;
}

/** Shorter texts occur anywhere, and are no secret. */
const leastHidden = 4;

/** The secrets that one operation uses, and how to keep them out of its reports. */
export class RevealedSecrets {
  readonly #texts = new Map<string, string>(); // what must be hidden → what is shown instead
  readonly #read: (name: string) => Promise<string | undefined>;

  constructor(read: (name: string) => Promise<string | undefined> = readSecret) {
    this.#read = read;
  }

  /** A literal text, or that of a secret. @throws {ReachError} if the secret is not set */
  async text(value: string | Secret): Promise<string> {
    if (typeof value === 'string') return value;
    const { secret: name, prefix = '', user } = value;
    if (!secretNamePattern.test(name)) throw impossible(`"${name}" ${secretNameRule}`);
    const text = await this.#read(name);
    if (text === undefined) throw impossible(unsetSecret(name));
    if (text.includes('\0'))
      throw impossible(`the secret "${name}" contains a NUL character, which nothing accepts`);
    this.#hide(text, name);
    if (user === undefined) return `${prefix}${text}`;
    const encoded = Buffer.from(`${user}:${text}`).toString('base64');
    this.#hide(encoded, name);
    return `Basic ${encoded}`;
  }

  /** The same for texts by name. @throws {ReachError} */
  async texts(values: Readonly<Record<string, string | Secret>>): Promise<Record<string, string>> {
    const entries = Object.entries(values).map(
      async ([key, value]) => [key, await this.text(value)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  /** A text from outside, without the secrets that were sent out. */
  conceal(text: string): string {
    return [...this.#texts].reduce((rest, [hidden, stand]) => rest.replaceAll(hidden, stand), text);
  }

  /** The same for a server's answer. */
  concealReply(reply: FetchReply): FetchReply {
    const { body, location, url, headers } = reply;
    const shown = Object.entries(headers).map(([name, text]) => [name, this.conceal(text)] as const);
    return {
      ...reply,
      body: this.conceal(body),
      url: this.conceal(url),
      location: location === undefined ? undefined : this.conceal(location),
      headers: Object.fromEntries(shown),
    };
  }

  #hide(text: string, name: string): void {
    if (text.length >= leastHidden) this.#texts.set(text, `(secret ${name})`);
  }
}
