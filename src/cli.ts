/** The command line. A plain, valid command runs at once; help and error messages take commander. */
import { messageOf } from '../models/message-of.ts';
import { type Command, commandShapes, commands, type Given } from './cli/commands.ts';
import { plainArguments } from './cli/plain-arguments.ts';
import { damage } from './process/damage.mjs';
import { isCompiled, programFolder } from './process/program.ts';
import { nameSources } from './process/stack-traces.ts';

if (isCompiled) nameSources();
// A reader such as `head` that has read enough is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
const [name, ...words] = process.argv.slice(2);
process.title = ['failover', ...process.argv.slice(2)].join(' '); // as `ps` and `top` show it

const index = commandShapes().findIndex((shape) => shape.name === name);
const [command, shape] = [commands[index], commandShapes()[index]];
const given = shape === undefined ? undefined : plainArguments(shape, words);
if (command !== undefined && given !== undefined) await run(command, given);
else await (await import('./cli/explain.ts')).explain(process.argv.slice(2), run);

/** Runs a command and uses its return value as the exit status. */
async function run(command: Command, given: Given): Promise<void> {
  try {
    process.exitCode = await command.run(given);
  } catch (error) {
    console.error(`failover: ${damage(programFolder) ?? messageOf(error)}`);
    process.exitCode = 1;
  }
}
