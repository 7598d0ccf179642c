import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readModem, readModemPaths } from '../../../src/watch/modems/read-modem.ts';

/** What mmcli 1.20 prints of a modem, shortened. */
function shown(
  generic: Readonly<Record<string, unknown>> = {},
  network: Readonly<Record<string, unknown>> = {},
) {
  return {
    modem: {
      '3gpp': {
        'operator-code': '26201',
        'operator-name': 'Telekom.de',
        'registration-state': 'home',
        ...network,
      },
      'dbus-path': '/org/freedesktop/ModemManager1/Modem/0',
      generic: {
        'access-technologies': ['lte'],
        ports: ['cdc-wdm0 (qmi)', 'ttyUSB0 (at)', 'wwan0 (net)'],
        'signal-quality': { recent: 'yes', value: '61' },
        state: 'connected',
        'state-failed-reason': '--',
        'unlock-required': 'sim-pin2',
        ...generic,
      },
    },
  };
}

/** What mmcli 1.20.4 of Debian 12 printed of a roaming modem, and of its signal; without what is not read. */
const real = {
  modem: `{"modem":{"3gpp":{"5gnr":{"registration-settings":{"drx-cycle":"--","mico-mode":"--"}},"enabled-locks":[],
    "imei":"1","operator-code":"23201","operator-name":"A1","packet-service-state":"--","pco":"--",
    "registration-state":"roaming"},"cdma":{"activation-state":"--"},
    "generic":{"access-technologies":["lte"],"bearers":[],"current-modes":"allowed: 4g; preferred: none",
    "ports":["cdc-wdm0 (qmi)","wwan0 (net)"],"power-state":"on","primary-port":"cdc-wdm0",
    "signal-quality":{"recent":"yes","value":"61"},"sim":"--","state":"connected","state-failed-reason":"--",
    "unlock-required":"--","unlock-retries":[]}}}`,
  signal: `{"modem":{"signal":{"5g":{"error-rate":"--","rsrp":"--","rsrq":"--","snr":"--"},
    "gsm":{"error-rate":"--","rssi":"--"},"lte":{"error-rate":"--","rsrp":"-95.00","rsrq":"--","rssi":"-61.00","snr":"--"},
    "refresh":{"rate":"0"},"threshold":{"error-rate":"no","rssi":"0"},"umts":{"ecio":"--","rscp":"--","rssi":"--"}}}}`,
};

test('what the real mmcli prints', () => {
  assert.deepEqual(readModem(JSON.parse(real.modem), JSON.parse(real.signal)), {
    devices: ['wwan0'],
    state: 'connected',
    registration: 'roaming',
    operator: 'A1',
    technology: 'lte',
    signal: 61,
    signalDbm: -95,
  });
});

const measured = { modem: { signal: { '5g': { rsrp: '--' }, lte: { rsrp: '-95.00', rssi: '-61.00' } } } };

test('a connected modem', () => {
  assert.deepEqual(readModem(shown(), measured), {
    devices: ['wwan0'],
    state: 'connected',
    lock: 'sim-pin2',
    registration: 'home',
    operator: 'Telekom.de',
    technology: 'lte',
    signal: 61,
    signalDbm: -95,
  });
});

test('what is not known is left out', () => {
  const unknown = { 'operator-name': '--', 'operator-code': '--', 'registration-state': 'unknown' };
  const generic = {
    'access-technologies': '--',
    'signal-quality': { recent: 'no', value: '0' },
    state: 'failed',
    'state-failed-reason': 'sim-missing',
    'unlock-required': '--',
  };
  assert.deepEqual(readModem(shown(generic, unknown), undefined), {
    devices: ['wwan0'],
    state: 'failed',
    failure: 'sim-missing',
  });
});

test('whatever else is printed is no modem, or one of which little is known', () => {
  for (const odd of [undefined, null, 'text', 7, [], {}, { modem: [] }, { modem: { generic: { state: 7 } } }])
    assert.equal(readModem(odd, odd), undefined);
  const odd = { ports: 'wwan0 (net)', 'signal-quality': '61', 'access-technologies': [7, 'umts', '5gnr'] };
  assert.deepEqual(readModem(shown(odd, { 'operator-name': null }), 7), {
    devices: ['wwan0'],
    state: 'connected',
    lock: 'sim-pin2',
    registration: 'home',
    operator: '26201',
    technology: '5gnr',
  });
});

test('the list of modems', () => {
  assert.deepEqual(readModemPaths({ 'modem-list': ['/a/0', '/a/1'] }), ['/a/0', '/a/1']);
  for (const none of [{ 'modem-list': [] }, { 'modem-list': '--' }, {}, null])
    assert.deepEqual(readModemPaths(none), []);
});
