import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { daemonFlags, programFolder } from '../../src/process/program.ts';
import { unitText } from '../../src/setup/unit.ts';

test('unitText() is in no group but those it is told', () => {
  assert.doesNotMatch(unitText(), /SupplementaryGroups/);
  assert.match(unitText({ groups: ['frrvty'] }), /^DynamicUser=yes\nSupplementaryGroups=frrvty\nAmbient/m);
});

test('unitText() starts what was compiled by the Node.js that is known, else the launcher', () => {
  const flags = daemonFlags.join(' ');
  const compiled = '/etc/failover/node_modules/.failover/src/cli.mjs';
  assert.ok(
    unitText({ node: '/usr/bin/node' }).includes(`\nExecStart=/usr/bin/node ${flags} ${compiled} run\n`),
  );
  assert.match(unitText(), /^ExecStart=\/etc\/failover\/failover run$/m);
});

test('the launcher starts the daemon with the flags of the unit', () => {
  const launcher = readFileSync(join(programFolder, 'failover'), 'utf8');
  assert.ok(launcher.includes(`run) flags=${daemonFlags.join(' ')} ;;`));
});
