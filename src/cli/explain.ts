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
    .showHelpAfterError("('failover --help' lists the commands)")
    .configureHelp({ showGlobalOptions: false });
  const shapes = commandShapes();
  for (const [i, ours] of commands.entries()) {
    const command = program.command(shapes[i]?.name ?? '').description(ours.summary);
    for (const [k, operand] of ours.usage.split(' ').slice(1).entries()) {
      const argument = new Argument(operand);
      command.addArgument(
        k === 0 && ours.choices !== undefined ? argument.choices([...ours.choices]) : argument,
      );
    }
    for (const [flags, summary] of ours.options) command.option(flags, summary);
    command.action(() => run(ours, { operands: command.args, options: command.opts() }));
  }
  await program.parseAsync(words, { from: 'user' });
}
