export const CHECK_INTERVAL = 5;

export default { providers: [{ id: 'fibre', interfaceName: 'eth1' }] };
