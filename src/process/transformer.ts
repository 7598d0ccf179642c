import { register } from 'node:module';

/**
 * Has tsx's transformer, a process of its own that is asked once a second whether it still lives, end a second after
 * the last module was loaded. When a configuration is loaded again it is started again.
 */
export function restTransformer(): void {
  register(new URL('./transformer-hooks.ts', import.meta.url), { data: import.meta.resolve('tsx') });
}
