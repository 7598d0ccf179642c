/**
 * A machine whose Node.js is missing or too old gets one on the lab's internet: from the npm registry that its
 * configuration names, or from what is, by name and certificate, Node.js's release site.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startInside } from '../../src/lab/namespace.ts';
import { differences } from './differences.ts';
import { download } from './machine.ts';
import { Scene } from './scene.ts';

/** Files of a folder, as a registry has them; below /bad/ one byte more. By HTTPS too, with the key and certificate. */
const registryServer = `
const { readFile, readFileSync } = require('fs');
const [folder, key, cert] = process.argv.slice(1);
const answer = ({ url }, answer) => readFile(folder + url.replace('/bad/', '/'), (error, content) => {
  if (error) return answer.writeHead(404).end();
  answer.write(content);
  answer.end(url.startsWith('/bad/') ? '!' : '');
});
const tls = { key: readFileSync(key), cert: readFileSync(cert) };
require('http').createServer(answer).listen(4873, '198.51.100.1', () =>
  require('https').createServer(tls, answer).listen(443, '198.51.100.1', () => console.log('listening')));
process.stdin.resume().on('end', () => process.exit());`;
const registry = 'http://198.51.100.1:4873';
const own = '/etc/failover/node/bin/node';
const getNode = new URL('../../src/setup/get-node', import.meta.url);
const pinned = (name: string): string =>
  new RegExp(`^${name}=(.*)$`, 'm').exec(readFileSync(getNode, 'utf8'))?.[1] ?? '';
const releaseHost = new URL(pinned('release_site')).hostname;
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const release = `node-v${pinned('node_version')}-linux-${arch}`;

let scene: Scene;
let untouched = '';
let server: ReturnType<typeof startInside> | undefined;

before(
  async () => {
    scene = await Scene.open();
    const { machine } = scene;
    await machine.sh('rm "$(command -v node)"');
    await pretendReleaseSite();
    untouched = await scene.listing();
    const files = ['opt/registry', 'root/key.pem', certificate].map((path) => join(machine.root, path));
    const started = startInside('internet', [process.execPath, '-e', registryServer, '--', ...files]);
    server = started;
    await new Promise((resolve) => started.stdout.once('data', resolve));
  },
  { timeout: 600_000 },
);
after(async () => {
  server?.stdin.end();
  await scene?.close();
});

const certificate = 'usr/local/share/ca-certificates/registry.crt';

/**
 * In the machine's eyes, our server is Node.js's release site. Its archive is put together from the packages, and so
 * has another checksum than the one it stands for.
 */
async function pretendReleaseSite(): Promise<void> {
  const { machine } = scene;
  const request = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout /root/key.pem`;
  await machine.sh(
    `${request} -out /${certificate} -subj /CN=${releaseHost} -addext subjectAltName=DNS:${releaseHost} 2>&1`,
  );
  await machine.sh(`update-ca-certificates 2>&1 && echo 198.51.100.1 ${releaseHost} >> /etc/hosts`);
  const [dist, modules] = [`/opt/registry/dist/v${pinned('node_version')}`, `${release}/lib/node_modules`];
  await machine.sh(
    [
      `mkdir -p ${dist} /root/made/${modules}/npm && cd /root/made`,
      `tar -xzf /opt/registry/node-linux-${arch}/-/*.tgz --strip-components=1 -C ${release}`,
      `tar -xzf /opt/registry/npm/-/*.tgz --strip-components=1 -C ${modules}/npm`,
      `tar -c ${release} | gzip -1 > ${dist}/${release}.tar.gz && rm -r /root/made`,
    ].join(' && '),
  );
}

async function refused(line: string): Promise<string> {
  const { code, stdout } = await scene.machine.run(['sh', '-c', `cd ${download} && ${line} 2>&1`]);
  assert.equal(code, 1, stdout);
  return stdout;
}

test('install without Node.js, or with an old one, says what to do, and changes nothing', async () => {
  const { machine } = scene;
  assert.match(
    await refused('./install'),
    /^failover: Node\.js is not installed, and 20\.19 or newer is needed: .*install/,
  );
  await machine.sh(
    "printf '#!/bin/sh\\necho v18.19.1\\n' > /usr/local/bin/node && chmod +x /usr/local/bin/node",
  );
  const told = await refused('./install');
  await machine.sh('rm /usr/local/bin/node');
  assert.match(told, /^failover: Node\.js here is v18\.19\.1, and 20\.19 or newer is needed/);
  assert.match(told, /sudo \/opt\/download\/install --with-node/);
  assert.deepEqual(differences(untouched, await scene.listing()), []);
});

test('install --with-node uses nothing that is not what it expects', async () => {
  const { machine } = scene;
  await machine.write(`${download}/.npmrc`, 'registry=http://198.51.100.1:1/\n');
  assert.match(
    await refused('./install --with-node'),
    /could not be downloaded; see above\. To use an npm registry instead, set/,
  );
  await machine.write(`${download}/.npmrc`, `registry=${registry}/bad/\n`);
  assert.match(
    await refused('./install --with-node'),
    /has the wrong checksum: its SHA-512 is [0-9a-f]{128}, not /,
  );
  assert.equal(await machine.sh(`ls -d ${download}/node || :`), '');
  assert.deepEqual(differences(untouched, await scene.listing()), []);
});

test('the lab runs after the one command it names, which installs no service and needs no address', async () => {
  const { machine } = scene;
  await machine.sh(`rm -f ${download}/.npmrc`);
  const command = /, with: (\S+ get-node)$/m.exec(await refused('./failover lab'))?.[1];
  assert.equal(command, `${download}/failover get-node`);
  const url = `https://${releaseHost}/dist/v${pinned('node_version')}/${release}.tar.gz`;
  const wrong = await refused(command);
  assert.ok(wrong.includes(`${url} has the wrong checksum: its SHA-256 is `), wrong);
  const [sum] = (await machine.sh(`sha256sum /opt/registry/dist/*/${release}.tar.gz`)).split(' ');
  await machine.sh(`sed -i 's/^release_${arch}=.*/release_${arch}=${sum}/' ${download}/src/setup/get-node`);
  const told = await machine.sh(`${command} 2>&1`);
  assert.ok(told.includes(`getting ${url}\n`), told);
  assert.match(
    told,
    /This copy of failover runs with its own Node\.js v[\d.]+, \/opt\/download\/node\/bin\/node/,
  );
  const { code, stdout, stderr } = await machine.run([`${download}/failover`, 'lab', '--json'], 120_000);
  assert.deepEqual([code, JSON.parse(stdout).ok], [0, true], stdout + stderr);
  assert.deepEqual(differences(untouched, await scene.listing()), []);
  assert.doesNotMatch(await machine.sh(`${command} 2>&1`), /getting/);
  await machine.sh(`rm -r ${download}/node`);
});

test('install --with-node gets one for failover alone, and command and unit run with it', async () => {
  const { machine } = scene;
  await machine.write(`${download}/.npmrc`, `registry=${registry}\n`);
  const told = await machine.sh(`cd ${download} && ./install --with-node 2>&1`);
  assert.match(told, /getting http:\S+\/node-linux-\w+-[\d.]+\.tgz/);
  await scene.carries('eth1', 'eth1'); // by `failover status`
  assert.equal(await machine.sh(`readlink /proc/${await machine.unit('MainPID')}/exe`), own);
  assert.equal(await machine.sh('command -v node || :'), '');
  assert.match(await machine.sh(`cd ${download} && ./install --with-node 2>&1`), /There was nothing to do/);
});

test('a newer version without a Node.js of its own runs with the one installed', async () => {
  const { machine } = scene;
  await machine.sh(
    `cd ${download} && rm -r node .npmrc && sed -i 's/"version": "[^"]*"/"version": "99.0.0"/' package.json`,
  );
  assert.match(await machine.sh(`cd ${download} && ./install 2>&1`), /failover 99\.0\.0/);
  await scene.carries('eth1', 'eth1');
  assert.equal(await machine.sh(`readlink /proc/${await machine.unit('MainPID')}/exe`), own);
});

test('uninstall takes it away with the rest', async () => {
  await scene.machine.useKernelBootId(); // what was changed in this boot is put back
  await scene.machine.sh('/etc/failover/uninstall --purge');
  assert.deepEqual(differences(untouched, await scene.listing()), []);
});
