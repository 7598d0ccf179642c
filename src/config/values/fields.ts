/** The kinds of values of settings, each with its rule in words. The one importer of zod. */
import * as z from 'zod'; // not `{ z }`, which brings every language's messages
import { secretNamePattern, secretNameRule } from '../../../models/secret.ts';
import type { ParseResult } from './address.ts';
import { maxUint32, reservedTable } from './names.ts';
import type { Reviewed, SchemaIssue } from './schema-issue.ts';
import { bytesPattern, durationMs, durationPattern, readBytes } from './units.ts';

/** Validates one value. */
export type Schema = z.ZodType;

/** A record with every field optional. */
export function record<const T extends Shape>(shape: T) {
  return z.object(shape).partial();
}

type Shape = Readonly<Record<string, z.ZodType>>;

/** Validates each field by itself: parses once for the issues, once without those fields to keep the others' types. */
export function review<T extends z.ZodObject>(
  schema: T,
  input: Readonly<Record<string, unknown>>,
): Reviewed<z.output<T>> {
  const first = schema.safeParse(input);
  if (first.success) return { values: first.data, faults: [] };
  const faults = new Map<string, SchemaIssue>();
  for (const issue of first.error.issues.flatMap(issuesWithin)) {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    const unknownKeys = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const place = JSON.stringify([path, unknownKeys.length > 0]);
    if (!faults.has(place))
      faults.set(place, { path, message: issue.message, unknownKeys, choices: choicesOf(issue) });
  }
  const invalid = new Set([...faults.values()].map(({ path }) => path[0]));
  const right = Object.fromEntries(Object.entries(input).filter(([key]) => !invalid.has(key)));
  const second = schema.safeParse(right);
  if (!second.success)
    throw new Error('a field depends on another: that is a rule, not a schema', { cause: second.error });
  return { values: second.data, faults: [...faults.values()] };
}

/** Of a value that is a record or a word, and was written as a record: what is wrong within it. */
function issuesWithin(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const inner = issue.errors.find((issues) =>
    issues.every(({ code, path: [key] }) => code === 'unrecognized_keys' || typeof key === 'string'),
  );
  return inner?.map((each) => ({ ...each, path: [...issue.path, ...each.path] })) ?? [issue];
}

/** A list with at least one item. */
export function listOf<T extends z.ZodType>(item: T, description: string) {
  return z.array(item).min(1).meta({ description });
}

/** One of several records. */
export function anyOf<const T extends readonly [z.ZodObject, ...z.ZodObject[]]>(records: T) {
  return z.union(records);
}

/** A list with at least one text. */
export function listOfTexts<T>(read: (value: string) => ParseResult<T>, description: string) {
  const error = 'must be a list of texts, with at least one';
  return z.array(text(read, ''), { error }).min(1, { error }).meta({ description });
}

/** One value, or a list of them. `error`: the rule for both. */
export function oneOrMore<T extends z.ZodType>(item: T, error: string, description: string) {
  return z
    .union([item, z.array(item).min(1, { error: 'must not be empty' })], { error })
    .meta({ description });
}

/** A substring to look for, or a regular expression. */
export function pattern(description: string) {
  const error = 'must be a text that is not empty, or a regular expression';
  const expression = z.custom<RegExp>((value) => value instanceof RegExp);
  return z.union([z.string().min(1, { error }), expression], { error }).meta({ description });
}

/** Texts by name, each literal or a secret. */
export function textMap(description: string) {
  const error = "must be texts by name, such as { NAME: 'value' }";
  return z.record(z.string(), textOrSecret(), { error }).meta({ description });
}

/** A text, or a secret by name. */
function textOrSecret() {
  const name = z.string({ error: secretNameRule }).regex(secretNamePattern, { error: secretNameRule });
  const more = { prefix: z.string().optional(), user: z.string().optional() };
  return z.union([z.string(), z.strictObject({ secret: name, ...more })], {
    error: 'must be a text, in quotes',
  });
}

/** The word true. */
export function yes(description: string) {
  return z.literal(true, { error: 'must be true' }).meta({ description });
}

/** True or false, or true with options. */
export function trust<const T extends Shape>(options: T, description: string) {
  const error = `must be true, false or options { ${Object.keys(options).join(', ')} }`;
  return z.union([z.boolean(), z.strictObject(options).partial()], { error }).meta({ description });
}

/** A record with every field optional, as the value of a setting. */
export function options<const T extends Shape>(shape: T, description: string) {
  return z.strictObject(shape).partial().meta({ description });
}

/** JSON Schema (2020-12) of a record's input. */
export function toJsonSchema(schema: z.ZodObject): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: node }) => {
      const { default: preset } = z.globalRegistry.get(zodSchema) ?? {}; // zod drops it if the value is transformed
      if (preset !== undefined) Object.assign(node, { default: preset });
      if (zodSchema._zod.def.type === 'object') node.additionalProperties = false;
      if (zodSchema._zod.def.type === 'custom') Object.assign(node, { not: {} }); // JSON has no regular expressions
    },
  });
}

/** A whole number in a range. */
export function whole(min: number, max: number, description: string) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error }).meta({ description });
}

/** True or false. */
export function yesNo(description: string) {
  return z.boolean({ error: 'must be true or false' }).meta({ description });
}

/** True or false, or a word for a third case. */
export function yesNoOr(word: string, description: string) {
  const error = `must be true, false or '${word}'`;
  return z.union([z.boolean(), z.literal(word)], { error }).meta({ description });
}

/** One of some words. */
export function choice<const T extends readonly [string, ...string[]]>(words: T, description: string) {
  const list = words.map((word) => `'${word}'`).join(', ');
  return z
    .enum(words, { error: `must be ${words.length > 1 ? 'one of ' : ''}${list}` })
    .meta({ description });
}

/** A text that a reader accepts, or refuses with its own rule. */
export function text<T>(read: (value: string) => ParseResult<T>, description: string, preset?: string) {
  const schema = z.string({ error: 'must be a text, in quotes' }).transform((value, context) => {
    const reading = read(value);
    if ('value' in reading) return reading.value;
    context.addIssue({ code: 'custom', message: reading.rule });
    return z.NEVER;
  });
  return schema.meta(preset === undefined ? { description } : { description, default: preset });
}

/** A length of time in a range, in milliseconds once parsed. */
export function duration(from: string, to: string, description: string) {
  const error = `must be a length of time from ${from} to ${to}: seconds as a number, or text such as '250ms', '10s' or '2m'`;
  const [min = 0, max = 0] = [durationMs(from), durationMs(to)];
  return z
    .union([z.number(), z.string().regex(durationPattern, { error })], { error })
    .transform((value, context) => {
      const ms = durationMs(value);
      if (ms !== undefined && ms >= min && ms <= max) return ms;
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    })
    .meta({ description });
}

/** A number of bytes in a range. */
export function bytes(from: string, to: string, description: string) {
  const error = `must be a number of bytes from ${from} to ${to}: a number, or text such as '500kB', '5MB' or '1GiB'`;
  const [min = 0, max = 0] = [readBytes(from), readBytes(to)];
  return z
    .union([z.number(), z.string().regex(bytesPattern, { error })], { error })
    .transform((value, context) => {
      const amount = readBytes(value);
      if (amount !== undefined && amount >= min && amount <= max) return amount;
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    })
    .meta({ description });
}

/** A limit of round-trip time or jitter. */
export function level() {
  return duration('1ms', '60s', 'Milliseconds as text, or seconds as a number.');
}

/** A ratio, or a percentage as text. */
export function ratio() {
  const error = "must be a ratio from 0 to 1, or a percentage such as '20%'";
  return z
    .union([z.number(), z.string().regex(/^\d{1,3}(\.\d{1,6})? ?%$/, { error })], { error })
    .transform((value, context) => {
      const amount = typeof value === 'number' ? value : Number(value.replace(/ ?%$/, '')) / 100;
      if (amount >= 0 && amount <= 1) return amount;
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}

/** A pair of limits of the same kind, and another for the time in which our own traffic fills the line. */
export function limits<T extends z.ZodType>(kind: () => T, description: string) {
  const pair = { down: kind(), up: kind() };
  const whileLoaded = z.union([z.literal('ignore'), z.strictObject(pair)], {
    error: "must be 'ignore' or a pair of limits { down, up }",
  });
  return z
    .strictObject(
      { ...pair, whileLoaded: whileLoaded.optional() },
      {
        error: (issue) =>
          issue.code === 'invalid_type' ? 'must be a pair of limits { down, up }' : undefined,
      },
    )
    .meta({ description });
}

/** A pair of limits, or a word for none. */
export function limitsOr<T extends z.ZodType>(kind: () => T, word: string, description: string) {
  const error = `must be a pair of limits { down, up }, or '${word}'`;
  return z.union([limits(kind, description), z.literal(word)], { error }).meta({ description });
}

/** How many scenarios must pass. */
export function required(description: string) {
  const error = "must be a whole number from 1 to 1000, or 'all'";
  const count = z.int({ error }).min(1, { error }).max(1000, { error });
  return z.union([count, z.literal('all')], { error }).meta({ description });
}

/** True, or a word for the other case. */
export function trueOr(word: string, description: string) {
  const error = `must be true or '${word}'`;
  return z.union([z.literal(true), z.literal(word)], { error }).meta({ description });
}

/** A rank, or null. */
export function tier(description: string) {
  const error =
    'must be a whole number from 0 to 65535, lower is preferred, or null for a provider without new traffic';
  return z.int({ error }).min(0, { error }).max(65_535, { error }).nullable().meta({ description });
}

/** The number of a routing table of our own. */
export function tableId(description: string) {
  const error = `must be a whole number from 1 to ${maxUint32}`;
  const reserved = "must not be 0, 253, 254 or 255, the kernel's own tables";
  return z
    .int({ error })
    .refine((id) => reservedTable(id) === undefined, { error: reserved })
    .min(1, { error })
    .max(maxUint32, { error })
    .meta({ description });
}

function choicesOf(issue: z.core.$ZodIssue): readonly string[] | undefined {
  return issue.code === 'invalid_value' ? issue.values.map(String) : undefined;
}
