/** Version of the control socket's format; raised when an older `ask` would misread it. */
export const controlFormat = '1';

/** The header with the version. */
export const formatHeader = 'failover-format';
