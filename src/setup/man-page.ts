/** The man page: its commands come from the command line, the rest is here. */
import { type CommandShape, type OptionShape, operandUsage } from './command-shape.ts';
import { home } from './unit.ts';

/** The text of `failover.8`, in the man macros of roff (man(7)). */
export function manPage(commands: readonly CommandShape[], version: string): string {
  const parts = [
    `.TH FAILOVER 8 "${date}" "failover ${version}" "System administration"`,
    section('Name', 'failover \\- keeps a machine with several internet providers online'),
    section('Synopsis', '.B failover\n.I command\n.RI [ options ]'),
    section('Description', description),
    section('Commands', `${commands.map(commandText).join('\n')}\n${everyCommand}`),
    section('Files', files.map(([name, what]) => entry(`.I ${name}`, what)).join('\n')),
    section('Environment', environment.map(([name, what]) => entry(`.B ${name}`, what)).join('\n')),
    section('Signals', signals.map(([name, what]) => entry(`.B ${name}`, what)).join('\n')),
    section('Exit status', statuses.map(([name, what]) => entry(`.B ${name}`, what)).join('\n')),
    section('Examples', examples.map(([line, what]) => entry(`.B ${plain(line)}`, what)).join('\n')),
    section(
      'See also',
      `.BR ip\\-route (8),\n.BR systemctl (1),\n.BR journalctl (1);\nfiles in\n.IR ${home}/docs .`,
    ),
  ];
  return `${parts.join('\n')}\n`;
}

const date = '2026-11-20'; // when the text below was last reviewed

const description = `It checks each provider over that provider's own path, judges how reliable it is, and changes the kernel's routes so that the best
reliable one carries the traffic. All of its routes and rules have protocol number 77; no others are ever changed.
When it ends or dies, its routes stay.
.PP
It is configured in one file,
.IR ${home}/config.ts ,
which it re-reads when it changes. An id written into
.I sticky.provider
in the same folder overrides every check.`;

const everyCommand = `.PP
Each command prints its own usage with
.BR \\-\\-help .`;

const files: readonly (readonly [string, string])[] = [
  [
    `${home}/config.ts`,
    'The configuration. A bad one is refused when it is re-read, and the earlier one stays in effect.',
  ],
  [
    `${home}/sticky.provider`,
    'The id of the provider to use whatever its checks say; empty: the checks decide.',
  ],
  ['/etc/iproute2/rt_tables.d/failover.conf', "Names of the providers' routing tables."],
  ['/var/lib/failover/state.json', 'What a restart starts from: results, verdicts, decisions.'],
  [
    '/var/lib/failover/last-config.json',
    'The last configuration that worked, used when the daemon starts with a broken one.',
  ],
  ['/run/failover/control.sock', 'Where the daemon answers.'],
  ['/run/failover/orders.sock', 'Where it takes orders, from root only: apply, confirm, revert.'],
];

const environment: readonly (readonly [string, string])[] = [
  ['FAILOVER_STATE_DIRECTORY', 'The folder of the state, instead of /var/lib/failover.'],
  ['FAILOVER_RUNTIME_DIRECTORY', 'The folder of socket and lock, instead of /run/failover.'],
  ['FAILOVER_GROUP', 'A group that may query the status, in addition to root.'],
];

const signals: readonly (readonly [string, string])[] = [
  ['SIGHUP', 'Re-reads the configuration.'],
  ['SIGTERM, SIGINT', 'Ends the daemon. Its routes stay, unless onStop says otherwise.'],
];

const statuses: readonly (readonly [string, string])[] = [
  ['0', 'It worked.'],
  ['1', 'It did not; the message says why, and what to do.'],
  ['78', 'The configuration has mistakes.'],
];

const examples: readonly (readonly [string, string])[] = [
  ['failover status --watch', 'The state of each provider, redrawn every second.'],
  ['failover pin lte --for 2h', 'Sends the traffic through the provider lte for two hours.'],
  ['journalctl -u failover -p notice', 'The history of decisions.'],
];

function section(title: string, text: string): string {
  return `.SH ${title.toUpperCase()}\n${text}`;
}

function entry(term: string, text: string): string {
  return `.TP\n${term}\n${plain(text)}`;
}

function commandText({ name, summary, operands, options }: CommandShape): string {
  const usage = operands.map((operand) => ` \\fI${plain(operandUsage(operand))}\\fR`).join('');
  const head = `.TP\n\\fBfailover ${plain(name)}\\fR${usage}\n${plain(sentence(summary))}`;
  return options.length === 0 ? head : `${head}\n.RS\n${options.map(optionText).join('\n')}\n.RE`;
}

function optionText({ flag, value, summary }: OptionShape): string {
  const takes = value === undefined ? '' : ` \\fI${plain(value)}\\fR`;
  return `.TP\n\\fB${plain(flag)}\\fR${takes}\n${plain(sentence(summary))}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Escapes text for roff: hyphens become minus signs, and no line is taken for a request. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^([.'])/gm, '\\&$1');
}
