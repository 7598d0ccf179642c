import { ping } from 'failover';

export default { testScenarios: [ping('1.1.1.1')] };
