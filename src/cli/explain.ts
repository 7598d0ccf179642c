/** The command line as commander reads it: help, version, and messages about mistakes. Its one importer. */
import { Argument, Command } from 'commander';
import { version } from '../process/version.ts';
import { commandShapes, commands, type Given, type Command as Ours } from './commands.ts';

/** Parses the command line, and runs its command through `run`, or explains why not, and exits. */
export async function explain(
  words: readonly string[],
  run: (command: Ours, given: Given) => Promise<void>,
): Promise<void> {
  const program = new Command('failover')
    .description('Keeps a Linux machine online when it has several internet providers.')
    .version(version)
    .configureOutput({ outputError: (text, write) => write(inOurStyle(text)) })
    .showHelpAfterError('("failover --help" lists the commands)')
    .configureHelp({ showGlobalOptions: false });
  const shapes = commandShapes();
  for (const [i, ours] of commands.entries()) {
    const name = shapes[i]?.name ?? '';
    const details = words[0] === name ? await ours.details?.() : undefined;
    const command = describe(program.command(name), ours, details);
    command.action(() => run(ours, { operands: command.args, options: command.opts() }));
  }
  await program.parseAsync(words, { from: 'user' });
}

function describe(command: Command, ours: Ours, details: string | undefined): Command {
  command.description(ours.summary);
  command.showHelpAfterError(`("failover ${command.name()} --help" lists its options)`);
  for (const [k, operand] of ours.usage.split(' ').slice(1).entries()) {
    const argument = new Argument(operand);
    const { choices } = ours;
    command.addArgument(k === 0 && choices !== undefined ? argument.choices([...choices]) : argument);
  }
  for (const [flags, summary] of ours.options) command.option(flags, summary);
  return details === undefined ? command : command.addHelpText('after', `\n${details}`);
}

/** `error: unknown option '--x'` with our prefix and our quotes. */
function inOurStyle(text: string): string {
  return text.replace(/^error: /, 'failover: ').replaceAll(/'([^'\n]*)'/g, '"$1"');
}
