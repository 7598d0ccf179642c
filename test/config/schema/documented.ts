/**
 * How the declaration of a setting reads to operators: in models/config-input.ts, whose comments editors show, and in
 * docs/configuration.md. `npm run settings` writes the first; tests compare both.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { providerFields } from '../../../models/provider-fields.ts';
import type { Setting, SettingTable } from '../../../models/setting.ts';
import { settings } from '../../../models/settings.ts';
import { programFolder } from '../../../src/process/program.ts';

/** The file that editors read. */
export const inputFile = join(programFolder, 'models/config-input.ts');

/** `'10 ms to 1 h'`, `'up to 30 d'`; undefined where the kind of a setting says enough. */
export function rangeText(setting: Setting): string | undefined {
  if (!('range' in setting)) return undefined;
  const [from, to] = setting.range.map((end) => String(end).replace(/(?<=\d)(?=[a-zA-Z])/, ' '));
  return /^0\b/.test(from ?? '') ? `up to ${to}` : `${from} to ${to}`;
}

/** A default as an operator would write it; undefined where there is none, or nothing in it. */
export function defaultText(setting: Setting): string | undefined {
  const value: unknown = 'default' in setting ? setting.default : undefined;
  if (Array.isArray(value)) return value.join(', ');
  if (setting.kind === 'limitsOr' && setting.default !== undefined)
    return `{ down: '${setting.default.down}', up: '${setting.default.up}' }`;
  if (typeof value === 'object' || value === undefined) return undefined;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** The text of models/config-input.ts. */
export function inputText(): string {
  return `/** What an operator may write, for editors: made by \`npm run settings\` from settings.ts and provider-fields.ts. */
import type { Duration, Limits } from './setting.ts';

/** The common settings. */
export interface SettingsInput {
${fieldsText(settings, '  ')}}

/** The fields of a provider. */
export interface ProviderFieldsInput {
${fieldsText(providerFields, '  ')}}
`;
}

function fieldsText(table: SettingTable, indent: string): string {
  const texts = Object.entries(table).map(
    ([name, setting]) => `${commentOf(setting, indent)}${indent}${name}?: ${typeText(setting, indent)};\n`,
  );
  return texts.join('');
}

function commentOf(setting: Setting, indent: string): string {
  const range = rangeText(setting);
  const preset = defaultText(setting);
  const sentence = range === undefined ? '' : ` ${range.charAt(0).toUpperCase()}${range.slice(1)}.`;
  const lines = [
    ...wrap(`${setting.docs}${sentence}`, 105 - indent.length),
    ...(preset === undefined ? [] : [`@default ${preset}`]),
  ];
  if (lines.length === 1) return `${indent}/** ${lines.join('')} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`;
}

function typeText(setting: Setting, indent: string): string {
  switch (setting.kind) {
    case 'duration':
      return 'Duration';
    case 'bytes':
      return 'number | string';
    case 'whole':
    case 'tableId':
      return 'number';
    case 'tier':
      return 'number | null';
    case 'required':
      return "number | 'all'";
    case 'yesNo':
      return 'boolean';
    case 'yesNoOr':
      return `boolean | '${setting.or}'`;
    case 'trueOr':
      return `true | '${setting.or}'`;
    case 'choice':
      return setting.of.map((word) => `'${word}'`).join(' | ');
    case 'text':
      return 'string';
    case 'texts':
      return 'readonly string[]';
    case 'limits':
      return 'Limits<Duration>';
    case 'limitsOr':
      return `Limits<number | string> | '${setting.or}'`;
    case 'options':
      return `{\n${fieldsText(setting.fields, `${indent}  `)}${indent}}`;
  }
}

function wrap(text: string, width: number): readonly string[] {
  return text.match(new RegExp(`.{1,${width}}(?:\\s|$)`, 'g'))?.map((line) => line.trim()) ?? [];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(inputFile, inputText());
