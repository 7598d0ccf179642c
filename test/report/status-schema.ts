/**
 * The shape of `failover status --json`. It is compared with the type by the compiler, written to
 * docs/status.schema.json by FAILOVER_MAKE_SCHEMA=1, and what the command prints is validated against it.
 */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { StatusReport } from '../../models/snapshot.ts';

/** The document for programs that read the JSON. */
export const schemaFile = fileURLToPath(new URL('../../docs/status.schema.json', import.meta.url));

const instant = z.int().describe('milliseconds since the Unix epoch');
const family = z.literal([4, 6]);
const ids = z.array(z.string()).describe('provider ids');
const layer = z.enum(['radio', 'carrier', 'address', 'gateway', 'target', 'dns', 'http', 'mtu']);

const evidence = z.object({
  name: z.enum([
    'consecutiveFailed',
    'consecutiveSucceeded',
    'outage',
    'failedInWindow',
    'loss',
    'rtt',
    'jitter',
    'penalty',
    'reliableFor',
    'packetSize',
  ]),
  value: z.number(),
  unit: z.enum(['checks', 'ms', 'ratio', 'points', 'bytes']),
  limit: z.number().describe('in the same unit'),
  sense: z.enum(['above', 'below']).describe('the side of the limit that counts against the provider'),
  crossed: z.boolean(),
  provider: z.string().optional().describe('whose figure it is; absent: the decision’s'),
});

const decision = z.object({
  id: z.string().describe('the same in the journal, the history and recordings'),
  at: instant,
  kind: z.enum(['switch', 'health', 'cause', 'target', 'sticky', 'config', 'kernel', 'link', 'lifecycle']),
  severity: z.enum(['err', 'warning', 'notice', 'info']),
  provider: z.string().optional(),
  family: family.optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  sentence: z.string().describe('what happened'),
  reason: z.string().describe('why'),
  numbers: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  evidence: z.array(evidence),
  commands: z
    .array(z.string())
    .optional()
    .describe('what ran in the kernel; the first of them if they are many'),
});

/** A value that another program reported, with where it comes from. */
function reported<T extends z.ZodType>(value: T) {
  return z
    .object({
      value,
      source: z.string(),
      at: instant,
      until: instant.optional().describe('absent: for good'),
    })
    .optional();
}

const path = z.object({
  path: z.templateLiteral([z.string(), '/', family]).describe('provider and family: fibre/4'),
  provider: z.string(),
  family,
  interfaceName: z.string(),
  binding: z
    .object({
      interfaceName: z.string(),
      interfaceIndex: z.int(),
      address: z.string(),
      network: z.string().optional(),
      gateway: z.string().optional().describe('absent on devices without one'),
      mark: z.int().optional(),
      dns: z.array(z.string()).optional().describe('nameservers reported for the device'),
    })
    .optional()
    .describe('absent: the provider cannot be used now'),
  role: z.enum(['active', 'standby', 'absent', 'disabled']),
  health: z.enum(['unknown', 'reliable', 'unreliable']),
  liveness: z.enum(['unknown', 'up', 'doubt', 'down']),
  since: instant.optional().describe('of the present health'),
  why: z.string().describe('reason of the present health'),
  layer: layer.optional().describe('the broken layer, while nothing gets through'),
  remarks: z.array(z.string()),
  score: z.number().optional().describe('0 to 100'),
  lossRatio: z.number().optional().describe('0 to 1; absent: not enough packets yet'),
  rttMs: z.number().optional(),
  jitterMs: z.number().optional(),
  samples: z.int().describe('checks in the window'),
  consecutiveFailed: z.int(),
  consecutiveSucceeded: z.int(),
  recent: z
    .array(z.union([z.boolean(), z.literal('lossy'), z.null()]))
    .describe('the latest checks, oldest first; lossy: passed, a packet lost; null: could not be made'),
  table: z.int().describe('routing table'),
  modem: z
    .object({
      devices: z.array(z.string()),
      state: z.string(),
      failure: z.string().optional(),
      lock: z.string().optional().describe('what it asks for'),
      registration: z.string().optional(),
      operator: z.string().optional(),
      technology: z.string().optional(),
      signal: z.number().optional().describe('percent'),
      signalDbm: z.number().optional().describe('RSRP of LTE and 5G, RSSI of others'),
    })
    .optional()
    .describe('of its device, in the words of ModemManager'),
  packets: z.object({ asked: z.int(), lost: z.int() }).optional(),
  penalty: z.number().optional().describe('for short outages (RFC 2439)'),
  failback: z
    .object({ delayMs: z.number(), failovers: z.int(), dueAt: instant.optional() })
    .optional()
    .describe('while traffic would go through it, but for its failback delay'),
  lease: z
    .object({ gateway: reported(z.string()), dns: reported(z.array(z.string())) })
    .optional()
    .describe('what DHCP clients and network managers reported'),
  connections: z.object({ count: z.int(), stranded: z.int() }).optional(),
  spent: z
    .object({
      lastHourBytes: z.number(),
      sinceStartBytes: z.number(),
      budgetBytes: z.number().optional(),
      slowedToMs: z.number().optional(),
    })
    .optional()
    .describe('what the checks cost'),
});

/** What a program may rely on. Fields may be added; none of these changes its meaning or goes away. */
export const statusSchema = z.object({
  condition: z
    .enum(['well', 'degraded', 'down', 'unknown'])
    .describe('what the exit status of --check follows'),
  sentence: z.string().describe('the first line of the page'),
  at: instant,
  startedAt: instant,
  pid: z.int(),
  version: z.string(),
  configFile: z.string(),
  stickyFile: z.string(),
  sticky: z
    .object({ id: z.string(), until: instant.optional(), written: instant.optional() })
    .optional()
    .describe('the pin'),
  active: z.object({ 4: ids, 6: ids }).describe('which providers carry each family'),
  paths: z.array(path).describe('each provider in each family'),
  deadTargets: z.array(
    z.object({ family, target: z.string(), since: instant, relapses: z.int().optional() }),
  ),
  probing: z.object({
    means: z.enum(['ping sockets', 'raw sockets', 'ping program']),
    reason: z.string().optional(),
  }),
  drift: z.array(z.string()).describe('what in the kernel keeps a choice from taking effect'),
  remarks: z.array(z.string()).describe('what is ignored, and where no provider is reliable'),
  lastDecision: decision.optional().describe('the last switch of either family'),
  lastSwitch: z.object({ 4: decision.optional(), 6: decision.optional() }),
  trial: z.object({ file: z.string(), until: instant }).optional().describe('the configuration on trial'),
  claims: z
    .record(z.string(), z.object({ used: z.int(), first: z.int() }))
    .optional()
    .describe('numbers in the kernel: as used, and as configured; another where others had that one'),
});

/** What is left of a type in JSON: no difference between absent, undefined and null. */
type Plain<T> = T extends readonly (infer Element)[]
  ? Plain<NonNullable<Element>>[]
  : T extends object
    ? { [Key in keyof T]-?: Plain<NonNullable<T[Key]>> }
    : T;
type AreSame<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** Fails to compile when the type and the schema differ in a field, at any depth: add what is missing above. */
export const isComplete: AreSame<Plain<StatusReport>, Plain<z.infer<typeof statusSchema>>> = true;

/** The document as it should be. */
export function schemaText(): string {
  const schema = z.toJSONSchema(statusSchema, { io: 'input' });
  return `${JSON.stringify({ title: 'failover status --json', ...schema }, null, 2)}\n`;
}
