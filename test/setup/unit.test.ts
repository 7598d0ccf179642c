import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitText } from '../../src/setup/unit.ts';

test('unitText() is in no group but those it is told', () => {
  assert.doesNotMatch(unitText(), /SupplementaryGroups/);
  assert.match(unitText({ groups: ['frrvty'] }), /^DynamicUser=yes\nSupplementaryGroups=frrvty\nAmbient/m);
});
