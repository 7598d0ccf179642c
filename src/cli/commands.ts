/** The commands: an entry for each, and its code in a file that is loaded only when it runs. */
import { SighupBuffer } from '../process/sighup.ts';
import type { CommandShape } from '../setup/command-shape.ts';

/** The arguments of a command: the operands in their order, and the options by name (`dryRun`). */
export interface Given {
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

/** A command, and the function that runs it and returns its exit status. */
export interface Command {
  /**
   * Name and operands, as commander spells them: `<id>` is required, `[file]` is not, `[args...]` are
   * several.
   */
  readonly usage: string;
  readonly summary: string;
  readonly choices?: readonly string[]; // of the first operand
  readonly options: readonly (readonly [flags: string, summary: string])[];
  details?(): Promise<string>; // further lines for its help
  run(given: Given): Promise<number>;
}

const json = ['--json', 'for programs'] as const;
const config = ['--config <file>', 'configuration file'] as const;

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  {
    usage: 'run',
    summary: 'run the daemon in the foreground',
    options: [
      config,
      ['--record <file>', 'write every event to a file, for replay'],
      ['--verbose', 'report each check'],
    ],
    run: async ({ options }) => {
      const hangup = new SighupBuffer(); // before anything else is loaded, which takes a while
      return (await import('../commands/run.ts')).run(options, hangup);
    },
  },
  {
    usage: 'status [id]',
    summary: 'show whether the internet works, through which provider, and what is wrong with the others',
    options: [
      ['--all', 'all figures of every provider; with an id, those of one'],
      ['--brief', 'only the first sentence'],
      ['--check', 'the same, with an exit status: 0 all is well, 1 degraded, 2 nothing works, 3 not known'],
      ['--watch', 'redraw every second; q ends it'],
      json,
    ],
    run: async ({ operands: [id], options }) => (await import('../commands/status.ts')).status(id, options),
  },
  {
    usage: 'check [file]',
    summary: 'list mistakes in the configuration, or the settings in effect',
    options: [json, ['--schema', 'print its JSON Schema']],
    run: async ({ operands: [file], options }) =>
      (await import('../commands/check.ts')).check({ ...options, ...(file === undefined ? {} : { file }) }),
  },
  {
    usage: 'apply [file]',
    summary: 'try another configuration: the earlier one returns unless it is confirmed in time',
    options: [['--confirm <time>', 'how long to wait for confirmation (default: 120s)'], json],
    run: async ({ operands: [file], options }) => (await import('../commands/apply.ts')).apply(file, options),
  },
  {
    usage: 'confirm',
    summary: 'keep the configuration that is on trial',
    options: [json],
    run: async ({ options }) => (await import('../commands/confirm.ts')).confirm(options),
  },
  {
    usage: 'revert',
    summary: 'end a trial and return to the earlier configuration at once',
    options: [json],
    run: async ({ options }) => (await import('../commands/revert.ts')).revert(options),
  },
  {
    usage: 'plan',
    summary: 'print the exact commands that would bring the kernel into line; changes nothing',
    options: [config, ['--all', 'include what is already in place'], json],
    run: async ({ options }) => (await import('../commands/plan.ts')).plan(options),
  },
  {
    usage: 'pin <id>',
    summary: 'send all traffic through one provider, whatever its checks say',
    options: [
      ['--for <duration>', 'how long, for example 2h (default: until "failover unpin")'],
      config,
      json,
    ],
    run: async ({ operands: [id = ''], options }) => (await import('../commands/pin.ts')).pin(id, options),
  },
  {
    usage: 'unpin',
    summary: 'let the checks decide again',
    options: [config, json],
    run: async ({ options }) => (await import('../commands/unpin.ts')).unpin(options),
  },
  {
    usage: 'tell <subject> <device> [words...]',
    summary: 'report what a DHCP client knows about a device: gateway ADDRESS, dns ADDRESS…, or gone [4|6]',
    choices: ['gateway', 'dns', 'gone'], // as in daemon/lease-orders.ts
    options: [
      ['--until <seconds>', 'when it runs out, in seconds since 1970 (default: never)'],
      ['--source <name>', 'where it comes from (default: operator)'],
      json,
    ],
    run: async ({ operands: [subject = '', device = '', ...words], options }) =>
      (await import('../commands/tell.ts')).tell(subject, device, words, options),
  },
  {
    usage: 'why [id]',
    summary: 'explain the last decisions, with the figures and limits behind them',
    options: [json],
    run: async ({ operands: [id], options }) => (await import('../commands/why.ts')).why(id, options),
  },
  {
    usage: 'history',
    summary: 'list all decisions so far, newest last',
    options: [
      ['--limit <n>', 'how many (default: 50)'],
      ['--verbose', 'include the commands that ran in the kernel'],
      json,
    ],
    run: async ({ options: { limit = '50', ...flags } }) =>
      (await import('../commands/history.ts')).history({ ...flags, limit: String(limit) }),
  },
  {
    usage: 'test [id]',
    summary: 'run every test scenario once through each provider',
    options: [config, json],
    run: async ({ operands: [id], options }) => (await import('../commands/test.ts')).test(id, options),
  },
  {
    usage: 'generate <form>',
    summary: 'print rules for your own firewall, for nftables, iptables or ip6tables; changes nothing',
    options: [config, json],
    run: async ({ operands: [form = ''], options }) =>
      (await import('../commands/generate.ts')).generate(form, options),
  },
  {
    usage: 'replay <file>',
    summary: 'show the decisions a recorded run gave, and those it gives now; changes nothing',
    options: [['--config <file>', 'another configuration'], json],
    run: async ({ operands: [file = ''], options }) =>
      (await import('../commands/replay.ts')).replay(file, options),
  },
  {
    usage: 'lab [action] [args...]',
    summary: 'watch the real daemon handle faults of three simulated providers; --stay: try it yourself',
    options: [
      [
        '--stay',
        'keep it; then, from another shell: lab cut|heal|loss|delay|flap|carrier ISP, status, shell, down',
      ],
      ['--watch', 'with status: redraw every second'],
      ['--all', 'with status: all figures'],
      json,
    ],
    details: async () => (await import('../lab/lab-commands.ts')).labHelp,
    run: async ({ operands: [action, ...args], options }) => {
      if (action === undefined)
        return (await import('../commands/lab.ts')).lab({
          stay: options['stay'] === true,
          json: options['json'] === true,
        });
      return (await import('../commands/support/lab-act.ts')).labAct(action, args, options);
    },
  },
  {
    usage: 'get-node',
    summary:
      "download a Node.js for this copy alone, if this system's is missing or too old; installs no service",
    options: [json],
    run: async ({ options }) => (await import('../commands/get-node.ts')).getNode(options),
  },
  {
    usage: 'install',
    summary: 'install the program and its service on this machine, and start it',
    options: [
      ['--config <file>', 'configuration to install'],
      ['--prefix <folder>', 'install below a folder, and start nothing'],
      ['--no-start', 'install everything, but start nothing'],
      ['--with-node', "download a Node.js for failover alone if this system's is missing or too old"],
      ['--dry-run', 'only list every file and command'],
      json,
    ],
    run: async ({ options }) => (await import('../commands/install.ts')).install(options, commandShapes()),
  },
  {
    usage: 'uninstall',
    summary: 'remove service, routes, rules, settings, state and program; the configuration stays',
    options: [
      ['--purge', 'also remove the configuration and its secrets'],
      ['--with-node', "download a Node.js to run with if this system's is missing or too old"],
      ['--dry-run', 'only list what would be removed'],
      json,
    ],
    run: async ({ options }) => (await import('../commands/uninstall.ts')).uninstall(options),
  },
  {
    usage: 'secret <action> [name]',
    summary:
      'manage passwords and tokens that the configuration names: set (from standard input), list, remove',
    choices: ['set', 'list', 'remove'],
    options: [json],
    run: async ({ operands: [action = '', name], options }) =>
      (await import('../commands/secret.ts')).secret(action, name, { json: options['json'] === true }),
  },
  {
    usage: 'completion <shell>',
    summary: 'print a completion script for your shell',
    choices: ['bash', 'zsh', 'fish', 'providers'],
    options: [],
    run: async ({ operands: [shell = ''] }) =>
      (await import('../commands/completion.ts')).completion(shell, commandShapes()),
  },
];

/** The commands as completions and the man page show them. */
export function commandShapes(): CommandShape[] {
  return commands.map(({ usage, summary, choices = [], options }) => {
    const [name = '', ...operands] = usage.split(' ');
    return {
      name,
      summary,
      operands: operands.map((operand, i) => ({
        name: operand.replaceAll(/[<>[\].]/g, ''),
        isRequired: operand.startsWith('<'),
        isVariadic: operand.includes('...'),
        choices: i === 0 ? choices : [],
      })),
      options: options.map(([flags, text]) => {
        const [flag = '', value] = flags.split(' ');
        return { flag, value: value?.slice(1, -1), summary: text };
      }),
    };
  });
}
