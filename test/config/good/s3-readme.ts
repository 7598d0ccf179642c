import { TestScenarioPing } from '../../../models/config.ts';

export const CHECK_INTERVAL = 5;
export const START_METRIC = 100;
export const MAX_STORED_TEST_RESULT_COUNT = 50;
export const MAX_FAILED_CHECKS = 50;
export const MIN_CONSECUTIVE_SUCCEEDED_CHECKS = 1;
export const STICKY_PROVIDER_FILENAME = 'sticky.provider';

export const providers = [
  {
    id: 'isp1',
    interface_name: 'eth1',
    ipv4_address: '10.10.1.1',
    network: '10.10.1.0/24',
    gateway: '10.10.1.254',
    rt_table_name: 'isp1',
    rt_table_id: 101,
  },
  {
    id: 'isp2',
    interface_name: 'eth2',
    ipv4_address: '10.10.2.1',
    network: '10.10.2.0/24',
    gateway: '10.10.2.254',
    rt_table_name: 'isp2',
    rt_table_id: 102,
  },
];

export const test_cases = [new TestScenarioPing('8.8.8.8')];
