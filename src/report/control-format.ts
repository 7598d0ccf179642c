/** Version of what travels over the control socket; raised when an older `ask` would misread it. */
export const controlFormat = '1';

/** The header that carries it. */
export const formatHeader = 'failover-format';
