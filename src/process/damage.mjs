// @ts-check
/** Whether the program is whole. Plain JavaScript, because it runs where a package that compiles may be missing. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Which npm packages the program needs and does not have, and what to do; undefined when none is missing.
 * @param {string} program the program's folder
 * @returns {string | undefined} a sentence
 */
export function damage(program) {
  const missing = neededPackages(program).filter(
    (name) => !existsSync(join(program, 'node_modules', name, 'package.json')),
  );
  if (missing.length === 0) return undefined;
  const remedy =
    program === '/etc/failover'
      ? 'run sudo ./install again, in a copy of the program'
      : `remove ${join(program, 'node_modules')}, and they are installed again at the next start`;
  return `parts of the program are missing in ${join(program, 'node_modules')}: ${missing.join(', ')}; ${remedy}`;
}

/** @param {string} program */
function neededPackages(program) {
  try {
    const { dependencies } = JSON.parse(readFileSync(join(program, 'package.json'), 'utf8'));
    return Object.keys(dependencies ?? {});
  } catch {
    return []; // without it nothing is known
  }
}
