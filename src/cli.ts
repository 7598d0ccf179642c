/** The command line: one line per command, each in a file of its own that is loaded only when it is asked for. The one importer of commander. */
import { Argument, Command } from 'commander';
import { SighupBuffer } from './process/sighup.ts';
import { version } from './process/version.ts';
import type { CommandShape } from './setup/command-shape.ts';

// A reader such as `head` that has seen enough is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

type Options = Record<string, string | boolean | undefined>;

const program = new Command('failover')
  .description('Keeps a Linux machine online when it has several internet providers.')
  .version(version)
  .showHelpAfterError("('failover --help' lists the commands)")
  .configureHelp({ showGlobalOptions: false });

program
  .command('run')
  .description('the daemon, in the foreground')
  .option('--config <file>', 'configuration file')
  .option('--record <file>', 'write every event to a file, for replay')
  .option('--verbose', 'log each check')
  .action((options: Options) => {
    const hangup = new SighupBuffer(); // before anything is loaded, which takes a while
    return end(async () => (await import('./commands/run.ts')).run(options, hangup));
  });

program
  .command('status')
  .description('what carries the traffic, and how each provider does')
  .option('--json', 'for programs')
  .option('--watch', 'redraw it each second')
  .action((options: Options) => end(async () => (await import('./commands/status.ts')).status(options)));

program
  .command('check [file]')
  .description('what is wrong with the configuration, or its effective settings')
  .option('--json', 'for programs')
  .option('--schema', 'print its JSON Schema')
  .action((file: string | undefined, options: Options) =>
    end(async () =>
      (await import('./commands/check.ts')).check({ ...options, ...(file === undefined ? {} : { file }) }),
    ),
  );

program
  .command('apply [file]')
  .description('try another configuration: the earlier one comes back, unless it is confirmed in time')
  .option('--confirm <time>', 'how long to wait for it (default: 120s)')
  .option('--json', 'for programs')
  .action((file: string | undefined, options: Options) =>
    end(async () => (await import('./commands/apply.ts')).apply(file, options)),
  );

program
  .command('confirm')
  .description('keep the configuration that is on trial')
  .option('--json', 'for programs')
  .action((options: Options) => end(async () => (await import('./commands/confirm.ts')).confirm(options)));

program
  .command('revert')
  .description('end a trial: the earlier configuration comes back at once')
  .option('--json', 'for programs')
  .action((options: Options) => end(async () => (await import('./commands/revert.ts')).revert(options)));

program
  .command('plan')
  .description('the exact commands that would bring the kernel into line; changes nothing')
  .option('--config <file>', 'configuration file')
  .option('--all', 'also for what is there already')
  .option('--json', 'for programs')
  .action((options: Options) => end(async () => (await import('./commands/plan.ts')).plan(options)));

program
  .command('pin <id>')
  .description('send the traffic through one provider, whatever its checks say')
  .option('--for <duration>', "how long, for example 2h (default: until 'failover unpin')")
  .option('--config <file>', 'configuration file')
  .option('--json', 'for programs')
  .action((id: string, options: Options) =>
    end(async () => (await import('./commands/pin.ts')).pin(id, options)),
  );

program
  .command('unpin')
  .description('let the checks decide again')
  .option('--config <file>', 'configuration file')
  .option('--json', 'for programs')
  .action((options: Options) => end(async () => (await import('./commands/unpin.ts')).unpin(options)));

program
  .command('why [id]')
  .description('the last decisions, with the figures and limits that made them')
  .option('--json', 'for programs')
  .action((id: string | undefined, options: Options) =>
    end(async () => (await import('./commands/why.ts')).why(id, options)),
  );

program
  .command('history')
  .description('the decisions so far, newest last')
  .option('--limit <n>', 'how many', '50')
  .option('--json', 'for programs')
  .action(({ limit, json }: Options) =>
    end(async () =>
      (await import('./commands/history.ts')).history({ limit: String(limit), json: json === true }),
    ),
  );

program
  .command('test [id]')
  .description('every test scenario once, through each provider')
  .option('--config <file>', 'configuration file')
  .option('--json', 'for programs')
  .action((id: string | undefined, options: Options) =>
    end(async () => (await import('./commands/test.ts')).test(id, options)),
  );

program
  .command('generate <form>')
  .description(
    'rules for a firewall of your own, in the form of nftables, iptables or ip6tables; changes nothing',
  )
  .option('--config <file>', 'configuration file')
  .option('--json', 'for programs')
  .action((form: string, options: Options) =>
    end(async () => (await import('./commands/generate.ts')).generate(form, options)),
  );

program
  .command('replay <file>')
  .description('the decisions a recorded run gives, and gave; touches no kernel')
  .option('--config <file>', 'another configuration')
  .option('--json', 'for programs')
  .action((file: string, options: Options) =>
    end(async () => (await import('./commands/replay.ts')).replay(file, options)),
  );

program
  .command('lab [action] [args...]')
  .description(
    'three simulated providers, the real daemon, and faults: a story, or with --stay a place to play',
  )
  .option(
    '--stay',
    'keep it; then, from another shell: lab cut|heal|loss|delay|flap|carrier ISP, status, shell, down',
  )
  .option('--json', 'for programs')
  .action((action: string | undefined, args: string[], options: Options) =>
    end(async () => {
      const { lab, labAct } = await import('./commands/lab.ts');
      if (action === undefined) return lab({ stay: options.stay === true, json: options.json === true });
      return labAct(action, args, { json: options.json === true });
    }),
  );

program
  .command('install')
  .description('put the program and its service on this machine, and start it')
  .option('--config <file>', 'configuration to install')
  .option('--prefix <folder>', 'install below a folder, and start nothing')
  .option('--no-start', 'only put everything in place')
  .option('--with-node', "get a Node.js for failover alone where this system's is missing or too old")
  .option('--dry-run', 'only say what, with every file and command')
  .option('--json', 'for programs')
  .action((options: Options) =>
    end(async () => (await import('./commands/install.ts')).install(options, shapes())),
  );

program
  .command('uninstall')
  .description('take service, routes, rules, settings, state and program away; the configuration stays')
  .option('--purge', 'take the configuration, too')
  .option('--with-node', "get a Node.js to run with where this system's is missing or too old")
  .option('--dry-run', 'only say what')
  .option('--json', 'for programs')
  .action((options: Options) =>
    end(async () => (await import('./commands/uninstall.ts')).uninstall(options)),
  );

program
  .command('completion')
  .description('a script that completes these words in your shell')
  .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish', 'providers']))
  .action((wanted: string) =>
    end(async () => (await import('./commands/completion.ts')).completion(wanted, shapes())),
  );

await program.parseAsync();

/** The commands above, for completions and man page. */
function shapes(): CommandShape[] {
  return program.commands.map((command) => ({
    name: command.name(),
    summary: command.description(),
    operands: command.registeredArguments.map((operand) => ({
      name: operand.name(),
      isRequired: operand.required,
      isVariadic: operand.variadic,
      choices: operand.argChoices ?? [],
    })),
    options: command.options.map(({ long, short, flags, description }) => ({
      flag: long ?? short ?? flags,
      value: /[<[]([\w-]+)/.exec(flags)?.[1],
      summary: description,
    })),
  }));
}

/** Runs a command and makes what it returns the exit status. */
async function end(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    console.error(`failover: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
