import { ping, TestScenarioPing } from '../../../models/config.ts';

export default {
  providers: [{ id: 'fibre', interfaceName: 'eth1' }],
  testScenarios: [TestScenarioPing],
};
