import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { entryFile } from './program.ts';

/**
 * Has tsx's transformer, a process of its own that is asked once a second whether it still lives, end a second after
 * the last module was loaded. When a configuration is loaded again it is started again.
 */
export function restTransformer(): void {
  register(pathToFileURL(entryFile('src/process/transformer-hooks.ts')), {
    data: import.meta.resolve('tsx'),
  });
}
