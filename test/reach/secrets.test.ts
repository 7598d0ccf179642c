import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { secret } from '../../models/config.ts';
import { isSecretSet, RevealedSecrets, readSecret } from '../../src/reach/secrets.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'failover-secrets-'));
  for (const each of ['credentials/secrets', 'run', 'etc'])
    await mkdir(join(folder, each), { recursive: true });
  await writeFile(join(folder, 'etc/portal'), 'from etc\n');
  await writeFile(join(folder, 'etc/lines'), 'one\n\n');
  await writeFile(join(folder, 'etc/empty'), '\n');
});
after(() => rm(folder, { recursive: true }));

const places = (env: Record<string, string> = {}) => ({
  env,
  folders: [join(folder, 'run'), join(folder, 'etc')],
});

test('readSecret() prefers the credentials of the service, then the environment, then files', async () => {
  const env = { CREDENTIALS_DIRECTORY: join(folder, 'credentials') };
  assert.equal(await readSecret('portal', places(env)), 'from etc');
  await writeFile(join(folder, 'run/portal'), 'from run\n');
  assert.equal(await readSecret('portal', places(env)), 'from run');
  const both = { ...env, FAILOVER_SECRET_PORTAL: 'from env' };
  assert.equal(await readSecret('portal', places(both)), 'from env');
  assert.equal(await readSecret('portal', places({ FAILOVER_SECRET_PORTAL: '' })), 'from run');
  await writeFile(join(folder, 'credentials/secrets/portal'), 'by folder');
  assert.equal(await readSecret('portal', places(both)), 'by folder');
  await writeFile(join(folder, 'credentials/secrets_portal'), 'by systemd');
  assert.equal(await readSecret('portal', places(both)), 'by systemd');
});

test('readSecret() takes one line end off, and no secret is empty', async () => {
  assert.equal(await readSecret('lines', places()), 'one\n');
  assert.equal(await readSecret('empty', places()), undefined);
  assert.equal(await readSecret('none', places()), undefined);
});

test('readSecret() takes no other files, whatever the name', async () => {
  await writeFile(join(folder, 'other'), 'no secret');
  for (const name of ['../other', './portal', 'Portal', ''])
    assert.equal(await readSecret(name, places()), undefined, name);
});

test("a variable's name has the secret's in capitals", async () => {
  assert.equal(await readSecret('smtp-relay_2', places({ FAILOVER_SECRET_SMTP_RELAY_2: 'x' })), 'x');
});

test('isSecretSet() says what is known', async () => {
  assert.equal(await isSecretSet('portal', places()), true);
  assert.equal(await isSecretSet('none', places()), false);
});

test('RevealedSecrets conceals what it read, also as it was encoded, and nothing so short that it is everywhere', async () => {
  const texts: Record<string, string> = { long: 'correct-horse', short: 'ab' };
  const revealed = new RevealedSecrets(async (name) => texts[name]);
  const headers = await revealed.texts({ authorization: secret('long', { user: 'u' }) });
  const [, encoded = ''] = headers['authorization']?.split(' ') ?? [];
  assert.equal(Buffer.from(encoded, 'base64').toString(), 'u:correct-horse');
  await revealed.text(secret('short'));
  assert.equal(revealed.conceal(`correct-horse, ${encoded}, about`), '(secret long), (secret long), about');
});
