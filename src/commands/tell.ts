import { dirname } from 'node:path';
import { messageOf } from '../../models/message-of.ts';
import { forgetReports, keepReport } from '../daemon/kept-reports.ts';
import { type LeaseOrder, readLeaseOrder } from '../daemon/lease-orders.ts';
import { ordersSocket, reportsFile } from '../process/runtime-paths.ts';
import { AskError, order } from '../report/ask.ts';
import { type OutputOptions, outputOf, refuse } from '../report/output.ts';
import { moment } from '../report/terminal.ts';
import { remedy } from '../watch/replace-file.ts';

/** Options of `failover tell`. */
export interface TellOptions extends OutputOptions {
  readonly until?: string; // seconds since 1970. @default until it is withdrawn
  readonly source?: string; // who reports it. @default 'operator'
}

const answerWithinMs = 5000;

/**
 * `failover tell gateway|dns|gone DEV …`: hands the daemon what a DHCP client or network manager knows about a device;
 * without a daemon it is kept for the next one. Returns the exit status: 1 for mistakes, or when it could not be kept.
 */
export async function tell(
  what: string,
  device: string,
  words: readonly string[],
  options: TellOptions,
): Promise<number> {
  const output = outputOf(options);
  const { until, source } = options;
  const given = { what, device, words, until, source };
  try {
    const report = readLeaseOrder(given);
    const providers = await handOver(report, JSON.stringify(given));
    const isKept = providers === undefined;
    if (output.json)
      output.print(JSON.stringify({ ok: true, ...report, daemon: !isKept, providers: providers ?? [] }));
    else output.print(`${sentence(report)}${consequence(report, providers)}`);
    return 0;
  } catch (error) {
    return refuse(output, messageOf(error));
  }
}

/** The ids of the providers on the device; undefined: no daemon answers, and it is kept for the next one. */
async function handOver(report: LeaseOrder, body: string): Promise<readonly string[] | undefined> {
  try {
    return await send(report, body);
  } catch (error) {
    if (!(error instanceof AskError) || (error.kind !== 'no daemon' && error.kind !== 'hung')) throw error;
    await keepReport(reportsFile(), report).catch((cause: unknown) => {
      throw new Error(
        `no daemon answers, and it cannot be kept for the next one: ${remedy(cause, dirname(reportsFile()))}`,
        { cause },
      );
    });
    // One that was just starting may have read the file before it was written.
    return error.kind === 'hung' ? undefined : await send(report, body).catch(() => undefined);
  }
}

async function send(report: LeaseOrder, body: string): Promise<readonly string[]> {
  const { providers } = await order(ordersSocket(), 'lease', body, { timeoutMs: answerWithinMs });
  await forgetReports(reportsFile(), report);
  return providers;
}

function sentence({ what, device, addresses, families, until, source }: LeaseOrder): string {
  if (what === 'gone') {
    const which = families.length > 1 ? '' : ` for IPv${families[0]}`;
    return `What was reported about ${device}${which} is forgotten.`;
  }
  const end = until === undefined ? '' : `, until ${moment(until * 1000)}`;
  const noun = what === 'gateway' ? 'gateway' : 'DNS';
  return `Recorded for ${device}: ${noun} ${addresses.join(' ')}, reported by ${source}${end}.`;
}

function consequence({ device }: LeaseOrder, providers: readonly string[] | undefined): string {
  if (providers === undefined) return '\nNo daemon answered: it is kept until one starts.';
  return providers.length === 0 ? `\nNo provider uses ${device} now.` : '';
}
