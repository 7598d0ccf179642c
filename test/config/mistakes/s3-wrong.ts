import { ping, TestScenarioPing } from '../../../models/config.ts';

export const CHECK_INTERVAL = 0;
export const MAX_FAILED_CHEKS = 50;
export const providers = [
  { id: 'a', interface_name: 'eth1', ipv4_address: '10.10.2.1', network: '10.10.1.0/24', gateway: '10.10.1.254', rt_table_name: 'a', rt_table_id: 255 },
];
export const test_cases = [new TestScenarioPing('dns.google')];
