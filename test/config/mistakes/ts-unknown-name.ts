import { pong } from '../../../models/config.ts';

export default { testScenarios: [pong('1.1.1.1')] };
