import { ping } from './models/config.ts';

export default { testScenarios: [ping('1.1.1.1')] };
