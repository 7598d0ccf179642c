/**
 * Completion scripts, written from the list of commands. They get the ids of providers from failover itself,
 * when needed.
 */
import type { CommandShape, Operand, OptionShape } from './command-shape.ts';

/** The shells with a completion. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** One of them. */
export type Shell = (typeof shells)[number];

/** The script that completes `failover` in a shell. */
export function completion(shell: Shell, commands: readonly CommandShape[]): string {
  const write = { bash, zsh, fish }[shell];
  return `${shell === 'zsh' ? '#compdef failover\n' : ''}# Completes failover in ${shell}. Written by its install, from its list of commands; removed by its uninstall.\n${write(commands)}`;
}

const general = ['--help', '--version'];
const askIds = 'failover completion providers 2>/dev/null';

function bash(commands: readonly CommandShape[]): string {
  const names = [...commands.map(({ name }) => name), ...general].join(' ');
  return `_failover() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W '${names}' -- "$word")
    return
  fi
  case "$command $before" in
${commands.flatMap(bashValues).join('\n')}
  esac
  case $command in
${commands.map(bashWords).join('\n')}
  esac
}
complete -F _failover failover
`;
}

function bashValues({ name, options }: CommandShape): readonly string[] {
  return options.flatMap(({ flag, value }) =>
    value === undefined ? [] : [`    '${name} ${flag}') ${bashReply(value, [])}; return ;;`],
  );
}

function bashWords({ name, operands, options }: CommandShape): string {
  const flags = [...options.map(({ flag }) => flag), '--help'].join(' ');
  const [first] = operands;
  const offerFlags = `mapfile -t COMPREPLY < <(compgen -W '${flags}' -- "$word")`;
  if (first === undefined) return `    ${name}) ${offerFlags} ;;`;
  return `    ${name}) if [[ $word == -* ]]; then ${offerFlags}; else ${bashReply(first.name, first.choices)}; fi ;;`;
}

/** What a value or an operand of that name is completed with. */
function bashReply(name: string, choices: readonly string[]): string {
  const words = (list: string): string => `mapfile -t COMPREPLY < <(compgen -W "${list}" -- "$word")`;
  if (choices.length > 0) return words(choices.join(' '));
  if (name === 'file') return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word")';
  if (name === 'folder') return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$word")';
  return name === 'id' ? words(`$(${askIds})`) : ':';
}

function zsh(commands: readonly CommandShape[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  return `_failover_ids() {
  local -a ids
  ids=(\${(f)"$(${askIds})"})
  compadd -a ids
}
_failover() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    _arguments '--help' '--version'
    return
  fi
  shift words
  ((CURRENT--))
  case $words[1] in
${commands.map(zshWords).join('\n')}
  esac
}
_failover "$@"
`;
}

function zshWords({ name, operands, options }: CommandShape): string {
  const specs = [
    ...options.map(zshOption),
    quoted('--help[show usage]'),
    ...operands.map((operand, i) => quoted(`${zshPlace(operand, i)}:${operand.name}:${zshReply(operand)}`)),
  ];
  return `    ${name}) _arguments ${specs.join(' ')} ;;`;
}

function zshOption({ flag, value, summary }: OptionShape): string {
  const text = summary.replaceAll(/[[\]:\\]/g, '\\$&');
  const reply = value === undefined ? '' : `:${value}:${zshReply({ name: value, choices: [] })}`;
  return quoted(`${flag}[${text}]${reply}`);
}

function zshPlace({ isVariadic, isRequired }: Operand, index: number): string {
  if (isVariadic) return '*';
  return isRequired ? `${index + 1}` : `${index + 1}:`;
}

function zshReply({ name, choices }: Pick<Operand, 'name' | 'choices'>): string {
  if (choices.length > 0) return `(${choices.join(' ')})`;
  if (name === 'file') return '_files';
  if (name === 'folder') return '_files -/';
  return name === 'id' ? '_failover_ids' : ' ';
}

function fish(commands: readonly CommandShape[]): string {
  const names = commands.flatMap(({ name, summary }) => [
    `complete -c failover -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
  ]);
  return `complete -c failover -f
complete -c failover -n __fish_use_subcommand -l version -d ${quoted('show the version')}
complete -c failover -l help -d ${quoted('show usage')}
${[...names, ...commands.flatMap(fishWords)].join('\n')}
`;
}

function fishWords({ name, operands, options }: CommandShape): readonly string[] {
  const start = `complete -c failover -n '__fish_seen_subcommand_from ${name}'`;
  const [first] = operands;
  const reply = first === undefined ? undefined : fishReply(first);
  return [
    ...options.map(({ flag, value, summary }) => {
      const takes = value === undefined ? '' : ` -r ${fishReply({ name: value, choices: [] }) ?? '-x'}`;
      return `${start} -l ${flag.slice(2)}${takes} -d ${quoted(summary)}`;
    }),
    ...(reply === undefined ? [] : [`${start} ${reply}`]),
  ];
}

function fishReply({ name, choices }: Pick<Operand, 'name' | 'choices'>): string | undefined {
  if (choices.length > 0) return `-a ${quoted(choices.join(' '))}`;
  if (name === 'file') return '-F';
  if (name === 'folder') return "-a '(__fish_complete_directories)'";
  return name === 'id' ? `-a '(${askIds})'` : undefined;
}

/** In single quotes, as all three shells read them; without `'\''`, which fish does not have. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
