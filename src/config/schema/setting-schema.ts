/** Builds the schema of a setting from its declaration. */
import type { Setting, SettingTable, TextForm } from '../../../models/setting.ts';
import {
  type ParseResult,
  readAnyNetwork,
  readGateway,
  readManaged,
  readNameserver,
  readNat,
  readNetwork,
  readOwnAddress,
} from '../values/address.ts';
import {
  bytes,
  choice,
  duration,
  level,
  limits,
  limitsOr,
  listOfTexts,
  options,
  ratio,
  required,
  type Schema,
  tableId,
  text,
  tier,
  trueOr,
  whole,
  yesNo,
  yesNoOr,
} from '../values/fields.ts';
import { readAbsoluteFile, readListen } from '../values/listen.ts';
import { readMask, readOnFailback } from '../values/marks.ts';
import {
  readId,
  readInterfaceName,
  readPathspace,
  readStickyFilename,
  readTableName,
} from '../values/names.ts';
import { readInterface } from '../values/pattern.ts';
import { readGateways } from '../values/range.ts';

/** The schemas of all settings of a table, by name. */
export function schemasOf(table: SettingTable): Record<string, Schema> {
  return Object.fromEntries(Object.entries(table).map(([name, setting]) => [name, schemaOf(setting)]));
}

function schemaOf(setting: Setting): Schema {
  const schema = ofKind(setting);
  return 'default' in setting ? schema.meta({ default: setting.default }) : schema; // for editors only
}

function ofKind(setting: Setting): Schema {
  const { docs } = setting;
  switch (setting.kind) {
    case 'duration':
      return duration(...setting.range, docs);
    case 'bytes':
      return bytes(...setting.range, docs);
    case 'whole':
      return whole(...setting.range, docs);
    case 'choice':
      return choice(setting.of, docs);
    case 'yesNoOr':
      return yesNoOr(setting.or, docs);
    case 'trueOr':
      return trueOr(setting.or, docs);
    case 'text':
      return text(readers[setting.form], docs);
    case 'texts':
      return listOfTexts(readers[setting.form], docs);
    case 'limits':
      return limits(level, docs);
    case 'limitsOr':
      return limitsOr(ratio, setting.or, docs);
    case 'options':
      return options(schemasOf(setting.fields), docs);
    case 'tableId':
      return tableId(docs);
    case 'tier':
      return tier(docs);
    case 'required':
      return required(docs);
    case 'yesNo':
      return yesNo(docs);
  }
}

const readers: Readonly<Record<TextForm, (text: string) => ParseResult<unknown>>> = {
  id: readId,
  device: readInterfaceName,
  'device or pattern': readInterface,
  'own IPv4 address': (text) => readOwnAddress(4, text),
  'own IPv6 address': (text) => readOwnAddress(6, text),
  'IPv4 network': (text) => readNetwork(4, text),
  'IPv6 network': (text) => readNetwork(6, text),
  'IPv4 gateway': (text) => readGateway(4, text),
  'IPv6 gateway': (text) => readGateway(6, text),
  'gateway range': readGateways,
  'IPv4 NAT': (text) => readNat(4, text),
  'IPv6 NAT': (text) => readNat(6, text),
  'table name': readTableName,
  file: readStickyFilename,
  'FRRouting instance': readPathspace,
  'managed network': readManaged,
  network: readAnyNetwork,
  'mark mask': readMask,
  'on failback': readOnFailback,
  server: readNameserver,
  'listening address': readListen,
  'absolute file': readAbsoluteFile,
};
