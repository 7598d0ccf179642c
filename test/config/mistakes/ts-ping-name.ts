import { ping, TestScenarioPing } from '../../../models/config.ts';

export default {
  providers: [{ id: 'fibre', interfaceName: 'eth1' }],
  testScenarios: [ping('www example org'), ping('1.1.1.1', { size: 70000 })],
};
