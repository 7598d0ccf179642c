/** Every metric, declared once: name, type, help, and where its values come from. `docs/metrics.md` lists them. */
import { accountedStates } from '../../core/accounting/path-account.ts';
import {
  bit,
  bounds,
  buckets,
  counter,
  gauge,
  histogram,
  type MetricFamily,
  ofFamilies,
  oneOf,
  seconds,
} from './samples.ts';

const livenesses = ['up', 'doubt', 'down', 'unknown'] as const;
const healths = ['reliable', 'unreliable', 'unknown'] as const;

/** In the order in which they are shown. */
export const metricFamilies: readonly MetricFamily[] = [
  gauge('failover_build_info', 'Version of failover and of Node.js.', {
    ofRun: ({ version }) => [{ value: 1, labels: { version, node: process.versions.node } }],
  }),
  gauge('failover_start_time_seconds', 'When the daemon started, in Unix time.', {
    ofRun: ({ startedAt, onWallClock }) => [{ value: seconds(onWallClock(startedAt)) }],
  }),
  gauge('failover_internet_up', 'Whether something gets through on any path that may carry traffic.', {
    ofRun: (run) => ofFamilies(run, ({ isUp }) => bit(isUp)),
  }),
  gauge(
    'failover_on_preferred',
    'Whether the providers that carry the traffic are of the most preferred tier.',
    {
      ofRun: (run) => ofFamilies(run, ({ isOnPreferred }) => bit(isOnPreferred)),
    },
  ),
  counter('failover_switches_total', 'Times that traffic moved, by cause.', {
    ofRun: ({ families, onWallClock }) =>
      families.flatMap(({ family, switches: { byCause, last } }) =>
        [...byCause].map(([cause, value]) => ({
          value,
          labels: { family: `${family}`, cause: cause.replaceAll(' ', '_') },
          ...(last && { exemplar: { labels: { decision: last.id }, atMs: onWallClock(last.at) } }),
        })),
      ),
  }),
  gauge('failover_last_switch_timestamp_seconds', 'When traffic last moved, in Unix time.', {
    ofRun: (run) => ofFamilies(run, ({ switches: { last } }) => last && seconds(run.onWallClock(last.at))),
  }),
  gauge('failover_sticky', 'Whether this provider is pinned.', {
    ofRun: ({ providers, pinned }) =>
      providers.map((provider) => ({ value: bit(provider === pinned), labels: { provider } })),
  }),
  gauge(
    'failover_drift',
    'Things in the kernel, not ours to change, that keep a choice from taking effect.',
    {
      ofRun: ({ driftCount }) => [{ value: driftCount }],
    },
  ),
  counter('failover_kernel_operations_total', 'Commands that changed routes, rules and tables.', {
    ofRun: ({ commands }) => [{ value: commands }],
  }),
  counter('failover_kernel_repairs_total', 'Times that something of ours had to be put back.', {
    ofRun: ({ kernel }) => [{ value: kernel.repaired }],
  }),
  counter(
    'failover_kernel_failures_total',
    'Times that the kernel could not be brought to the desired state.',
    {
      ofRun: ({ kernel }) => [{ value: kernel.failed }],
    },
  ),
  gauge('failover_path_info', 'What a path is made of: to be joined with others.', {
    ofPath: ({ device, tier, table }) => [
      { value: 1, labels: { device, tier: tier === null ? 'none' : `${tier}`, table: `${table}` } },
    ],
  }),
  gauge('failover_path_active', 'Whether it carries the traffic of its family.', {
    ofPath: ({ isActive }) => [{ value: bit(isActive) }],
  }),
  gauge('failover_path_new_traffic', 'Whether it gets new connections.', {
    ofPath: ({ getsNewTraffic }) => [{ value: bit(getsNewTraffic) }],
  }),
  gauge('failover_path_share_ratio', 'Its share of new connections.', {
    ofPath: ({ share }) => [{ value: share }],
  }),
  gauge('failover_path_up', 'Whether something gets through right now.', {
    ofPath: ({ liveness }) => [{ value: bit(liveness === 'up') }],
  }),
  gauge('failover_path_reliable', 'Whether it can be trusted with traffic.', {
    ofPath: ({ health }) => [{ value: bit(health === 'reliable') }],
  }),
  gauge('failover_path_liveness', '1 for what it is right now: up, doubt, down or unknown.', {
    ofPath: ({ liveness }) => oneOf('liveness', livenesses, liveness),
  }),
  gauge('failover_path_health', '1 for its health: reliable, unreliable or unknown.', {
    ofPath: ({ health }) => oneOf('health', healths, health),
  }),
  gauge('failover_path_layer', '1 for the layer that is broken; absent while none is.', {
    ofPath: ({ layer }) => (layer === undefined ? [] : [{ value: 1, labels: { layer } }]),
  }),
  gauge('failover_path_since_timestamp_seconds', 'Since when it has its health, in Unix time.', {
    ofPath: ({ since }, { onWallClock }) => [{ value: since && seconds(onWallClock(since)) }],
  }),
  counter(
    'failover_path_state_seconds_total',
    'How long it was up, in doubt, down, not yet known and not measured: outages are counted whole once they are certain.',
    {
      ofPath: ({ account }) =>
        accountedStates.map((state) => ({ value: seconds(account.ms[state]), labels: { state } })),
    },
  ),
  counter('failover_path_active_seconds_total', 'How long it carried traffic.', {
    ofPath: ({ account }) => [{ value: seconds(account.activeMs) }],
  }),
  counter('failover_path_promotions_total', 'Times that it began to carry traffic.', {
    ofPath: ({ account }) => [{ value: account.promotions }],
  }),
  counter('failover_path_health_changes_total', 'Changes of its health, by what it became.', {
    ofPath: ({ account }) =>
      Object.entries(account.healthChanges).map(([to, value]) => ({ value, labels: { to } })),
  }),
  histogram(
    'failover_outage_seconds',
    'Lengths of its outages, from the first packet lost to the first answered.',
    {
      ofPath: ({ account }) => buckets(account.outageSeconds),
    },
  ),
  counter('failover_checks_total', 'Checks, by result; not_run: it could not be made.', {
    ofPath: ({ account: { checks } }) => [
      { value: checks.passed, labels: { result: 'passed' } },
      { value: checks.failed, labels: { result: 'failed' } },
      { value: checks.notRun, labels: { result: 'not_run' } },
    ],
  }),
  histogram('failover_check_rtt_seconds', 'Round-trip times of checks that passed.', {
    ofPath: ({ account }) => buckets(account.rttSeconds),
  }),
  counter('failover_late_answers_total', 'Answers that came after their deadline.', {
    ofPath: ({ account }) => [{ value: account.lateAnswers }],
  }),
  gauge('failover_window_rtt_seconds', 'Mean round-trip time of the window.', {
    ofPath: ({ rttMs }) => [{ value: rttMs && seconds(rttMs) }],
  }),
  gauge('failover_window_jitter_seconds', 'Jitter of the window (RFC 3550).', {
    ofPath: ({ jitterMs }) => [{ value: jitterMs && seconds(jitterMs) }],
  }),
  gauge('failover_window_loss_ratio', 'Packet loss of the window; absent while there are too few packets.', {
    ofPath: ({ lossRatio }) => [{ value: lossRatio }],
  }),
  gauge('failover_window_checks', 'Checks in the window.', { ofPath: ({ samples }) => [{ value: samples }] }),
  gauge('failover_limit_rtt_seconds', 'Limit of the mean round-trip time.', {
    ofRun: ({ config: { rtt } }) => bounds(rtt && { down: seconds(rtt.down), up: seconds(rtt.up) }),
  }),
  gauge('failover_limit_jitter_seconds', 'Limit of the jitter.', {
    ofRun: ({ config: { jitter } }) =>
      bounds(jitter && { down: seconds(jitter.down), up: seconds(jitter.up) }),
  }),
  gauge('failover_limit_loss_ratio', 'Limit of the packet loss.', {
    ofRun: ({ config: { loss } }) => bounds(loss === 'none' ? undefined : loss),
  }),
  gauge('failover_limit_consecutive_checks', 'Checks in a row: failed ones down, passed ones up again.', {
    ofRun: ({ config: { maxConsecutiveFailedChecks: down, minConsecutiveSucceededChecks: up } }) =>
      bounds({ down, up }),
  }),
  gauge('failover_path_score', 'Quality of the path, 0 to 100 (E-model, ITU-T G.107).', {
    ofPath: ({ score }) => [{ value: score }],
  }),
  gauge('failover_path_mos', 'Mean opinion score of a telephone call over it, 1 to 4.5.', {
    ofPath: ({ mos }) => [{ value: mos }],
  }),
  gauge('failover_path_flap_penalty', 'Penalty for short outages (RFC 2439).', {
    ofPath: ({ penalty }) => [{ value: penalty }],
  }),
  counter(
    'failover_probe_bytes_total',
    'What its checks cost: bytes of whole IP packets, both ways, an estimate.',
    {
      ofPath: ({ probeBytes }) => [{ value: probeBytes }],
    },
  ),
  counter('process_cpu_seconds_total', 'Processor time of the daemon.', {
    ofRun: (run) => [{ value: run.process.cpuSeconds }],
  }),
  gauge('process_resident_memory_bytes', 'Resident memory of the daemon.', {
    ofRun: (run) => [{ value: run.process.residentBytes }],
  }),
  gauge('process_open_fds', 'Open file descriptors of the daemon.', {
    ofRun: (run) => [{ value: run.process.openDescriptors }],
  }),
];
