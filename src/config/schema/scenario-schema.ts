/** The options of every kind of scenario, and how to make the scenario from them. */
import { TestScenarioDns } from '../../../models/scenarios/dns.ts';
import { TestScenarioExec } from '../../../models/scenarios/exec.ts';
import { TestScenarioHttp } from '../../../models/scenarios/http.ts';
import { TestScenarioMtu } from '../../../models/scenarios/mtu.ts';
import { TestScenarioNeighbour } from '../../../models/scenarios/neighbour.ts';
import { TestScenarioPing } from '../../../models/scenarios/ping.ts';
import { TestScenarioTcp } from '../../../models/scenarios/tcp.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { readServer, readTarget } from '../values/address.ts';
import {
  choice,
  duration,
  listOfTexts,
  oneOrMore,
  pattern,
  record,
  review,
  text,
  textMap,
  trust,
  whole,
  yes,
  yesNo,
} from '../values/fields.ts';
import type { SchemaIssue } from '../values/schema-issue.ts';
import {
  hostAndPort,
  readAuthorities,
  readHostAndPort,
  readQuestion,
  readToken,
  readUrl,
  readWord,
} from './scenario-target.ts';

const timeout = duration('10ms', '60s', 'How long a run may take; adapted up to `checkTimeout`, if unset.');
const policy = {
  weight: whole(1, 1000, 'What a pass counts towards `requiredSuccessful`.').meta({ default: 1 }),
  required: yesNo('Must pass for a check to pass, whatever the others say.').meta({ default: false }),
  every: duration('10ms', '1d', 'Asked so often instead of in each check, and at once when another fails.'),
};
const insecure = yesNo('Any certificate will do.').meta({ default: false });
const ca = text(readAuthorities, 'Certificates to trust instead of the usual ones: PEM text, or a file.');

const schemas = {
  ping: record({
    ping: text(readTarget, "An address, a name, or 'gateway'."),
    size: whole(1, 65_507, 'Payload bytes.').meta({ default: 56 }),
    ...policy,
  }),
  tcp: record({
    tcp: text(readHostAndPort, "Host and port: 'example.com:443'."),
    tls: trust(
      { insecure, ca, serverName: text(readTarget, 'The name that the certificate must be for.') },
      'Negotiate TLS too.',
    ),
    banner: pattern('What the server must send of its own accord.'),
    timeout,
    ...policy,
  }),
  http: record({
    http: text(readUrl, "An http or https URL; its host may be 'gateway'."),
    status: oneOrMore(
      whole(100, 599, 'An HTTP status.'),
      'must be a whole number from 100 to 599, or a list of such',
      'The status, or statuses, to expect; 2xx, if unset.',
    ),
    body: pattern('What the body must contain.'),
    headers: textMap("Headers to send; { secret: 'NAME' } stands for what should not be in this file."),
    method: text(readToken('a method', 'HEAD'), 'The request method.', 'GET'),
    host: text(readToken('a host', 'www.example.com'), "Sent as Host and TLS name instead of the URL's."),
    insecure,
    ca,
    followRedirects: yesNo('Ask where a redirect leads, up to 5 times.').meta({ default: false }),
    timeout,
    ...policy,
  }),
  dns: record({
    dns: text(readQuestion, 'The name to ask for.'),
    server: text((value) => readServer(value), "An address or 'gateway'; the nameservers, if unset."),
    type: choice(['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'], 'The type of record.').meta({
      default: 'A',
    }),
    expect: oneOrMore(
      text(readWord, 'A record.'),
      'must be a text, in quotes, or a list of such',
      "The records that may be in the answer; 'NXDOMAIN': the name must not exist.",
    ),
    timeout,
    ...policy,
  }),
  mtu: record({
    mtu: text(readTarget, "An address, a name, or 'gateway'."),
    size: whole(68, 65_535, "Bytes of the whole IP packet; the device's MTU, if unset."),
    timeout,
    ...policy,
  }),
  neighbour: record({ neighbour: yes('ARP or neighbour discovery of the gateway.'), timeout, ...policy }),
  exec: record({
    exec: listOfTexts(readWord, "A program and its arguments: ['/usr/local/bin/check', '--quick']."),
    env: textMap("Added to its environment; { secret: 'NAME' } stands for what should not be in this file."),
    timeout,
    ...policy,
  }),
};

/** A kind of scenario, named after the key that holds its target. */
export type Kind = keyof typeof schemas;

/** All kinds, in the order they are shown. */
export const kinds = Object.keys(schemas) as readonly Kind[]; // the keys of the literal

/** The options of a kind, without its target. */
export function optionsOf(kind: Kind): readonly string[] {
  return Object.keys(schemas[kind].shape).filter((key) => key !== kind);
}

/** The schemas of all kinds, for editors. */
export function scenarioSchemas() {
  const { ping, tcp, http, dns, mtu, neighbour, exec } = schemas;
  return [
    ping.required({ ping: true }),
    tcp.required({ tcp: true }),
    http.required({ http: true }),
    dns.required({ dns: true }),
    mtu.required({ mtu: true }),
    neighbour.required({ neighbour: true }),
    exec.required({ exec: true }),
  ] as const;
}

/** A scenario, or what is wrong with its fields. */
export interface Made {
  readonly scenario: TestScenario | undefined;
  readonly faults: readonly SchemaIssue[];
}

type Fields = Readonly<Record<string, unknown>>;

const makers: Readonly<Record<Kind, (fields: Fields) => Made>> = {
  ping(fields) {
    const { values, faults } = review(schemas.ping, fields);
    const { ping, ...options } = values;
    return {
      faults,
      scenario: ping === undefined ? undefined : new TestScenarioPing(ping, inSeconds(options)),
    };
  },
  tcp(fields) {
    const { values, faults } = review(schemas.tcp, fields);
    const { tcp, ...options } = values;
    if (tcp === undefined) return { faults, scenario: undefined };
    const { host, port } = hostAndPort(tcp);
    return { faults, scenario: new TestScenarioTcp(host, port, inSeconds(options)) };
  },
  http(fields) {
    const { values, faults } = review(schemas.http, fields);
    const { http, ...options } = values;
    return {
      faults,
      scenario: http === undefined ? undefined : new TestScenarioHttp(http, inSeconds(options)),
    };
  },
  dns(fields) {
    const { values, faults } = review(schemas.dns, fields);
    const { dns, ...options } = values;
    return { faults, scenario: dns === undefined ? undefined : new TestScenarioDns(dns, inSeconds(options)) };
  },
  mtu(fields) {
    const { values, faults } = review(schemas.mtu, fields);
    const { mtu, ...options } = values;
    return {
      faults,
      scenario: mtu === undefined ? undefined : new TestScenarioMtu(mtu, inSeconds(options)),
    };
  },
  neighbour(fields) {
    const { values, faults } = review(schemas.neighbour, fields);
    const { neighbour: _, ...options } = values;
    return { faults, scenario: new TestScenarioNeighbour(inSeconds(options)) };
  },
  exec(fields) {
    const { values, faults } = review(schemas.exec, fields);
    const { exec, ...options } = values;
    return {
      faults,
      scenario: exec === undefined ? undefined : new TestScenarioExec(exec, inSeconds(options)),
    };
  },
};

/** Reads the plain form of a scenario. */
export function makeScenario(kind: Kind, fields: Fields): Made {
  const known = Object.fromEntries(
    Object.entries(fields).filter(([key]) => key === kind || optionsOf(kind).includes(key)),
  );
  return makers[kind](known);
}

/** Without the options whose value is undefined. */
function defined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // The filter removes undefined values, so no remaining one is undefined.
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** Options in the form scenarios take: durations in seconds. */
function inSeconds<T extends { timeout?: number | undefined; every?: number | undefined }>(options: T) {
  const { timeout, every, ...same } = options;
  return {
    ...defined(same),
    ...(timeout === undefined ? {} : { timeout: timeout / 1000 }),
    ...(every === undefined ? {} : { every: every / 1000 }),
  };
}
