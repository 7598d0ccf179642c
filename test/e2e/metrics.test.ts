/** What a real Prometheus makes of the metrics. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../src/kernel/exec.ts';
import { startInside } from '../../src/lab/namespace.ts';
import { openScene } from './scene.ts';

const place = '127.0.0.1:9469';
const scene = await openScene({ settings: { metrics: { listen: place } } });
after(() => scene.close());
const { lab } = scene;
const isThere = (await run('prometheus', ['--version'])).code === 0;
const skip = isThere ? false : 'prometheus is not installed';

/** What the daemon answers, at its address or on its control socket. */
function scrape(...where: readonly string[]): Promise<string> {
  return lab.run('router', ['curl', '-sS', '--fail', ...where]);
}

test('promtool finds nothing wrong with what the daemon answers, on its socket and over TCP', {
  skip,
}, async () => {
  const socket = join(lab.environment()['FAILOVER_RUNTIME_DIRECTORY'] ?? '', 'control.sock');
  const texts = [
    await scrape('--unix-socket', socket, 'http://failover/metrics'),
    await scrape(`http://${place}/metrics`),
  ];
  for (const text of texts) {
    assert.match(text, /^failover_path_active\{.*provider="fibre".*\} 1$/m);
    const { stdout, stderr } = await run('promtool', ['check', 'metrics'], { input: text });
    assert.equal(`${stdout}${stderr}`, '');
  }
});

test('Prometheus counts ten outages as long as they were', { skip }, async () => {
  const prometheus = startPrometheus();
  const down = 'failover_path_state_seconds_total{provider="fibre",family="4",state="down"}';
  const lengths = 'failover_outage_seconds_count{provider="fibre",family="4"}';
  await scene.until(async () => (await prometheus.query(down)) === 0, 'a first scrape', 60_000);
  let truthMs = 0;
  for (let i = 0; i < 10; i += 1) {
    await lab.cut('fibre');
    const from = performance.now();
    await scene.until(async () => (await scene.path('fibre')).liveness === 'down', 'down');
    await sleep(300);
    await lab.heal('fibre');
    truthMs += performance.now() - from;
    await scene.until(async () => (await scene.path('fibre')).liveness === 'up', 'up again');
  }
  await scene.until(async () => (await prometheus.query(lengths)) === 10, 'ten outages', 60_000);
  const counted = (await prometheus.query(down)) ?? 0;
  assert.ok(Math.abs(counted - truthMs / 1000) < 1, `${counted} s of ${truthMs / 1000} s`);
  assert.equal(await prometheus.query('failover_internet_up{family="4"}'), 1);
  assert.ok(((await prometheus.query('sum(failover_switches_total{cause="failover"})')) ?? 0) > 0);
});

test('a textfile is written where the configuration says, and a reload ends what it no longer names', async () => {
  const file = join(lab.folder, 'failover.prom');
  const { metrics: _, ...rest } = JSON.parse(readFileSync(join(lab.folder, 'config.json'), 'utf8')) as Record<
    string,
    unknown
  >; // our own file
  await lab.writeConfig({ ...rest, metrics: { textfile: file } } as never);
  const written = async (): Promise<boolean> =>
    (await lab.run('router', ['cat', file]).catch(() => '')).includes('failover_path_active');
  await scene.until(written, 'the textfile');
  await assert.rejects(scrape(`http://${place}/metrics`), /curl/);
});

/** A real Prometheus in the router that scrapes four times a second. */
function startPrometheus(): { query(expression: string): Promise<number | undefined> } {
  const folder = join(lab.folder, 'prometheus');
  mkdirSync(folder);
  const config = join(folder, 'prometheus.yml');
  const job = `  - job_name: failover\n    static_configs: [{ targets: ['${place}'] }]\n`;
  writeFileSync(config, `global: { scrape_interval: 250ms, scrape_timeout: 250ms }\nscrape_configs:\n${job}`);
  const at = '127.0.0.1:9090';
  const child = startInside('router', [
    'prometheus',
    `--config.file=${config}`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=${at}`,
  ]);
  after(() => child.kill('SIGKILL'));
  return {
    query: async (expression) => {
      const words = ['-G', '--data-urlencode', `query=${expression}`, `http://${at}/api/v1/query`];
      const answer = await scrape(...words).catch(() => undefined);
      if (answer === undefined) return undefined;
      const { data } = JSON.parse(answer) as { data: { result: { value: [number, string] }[] } }; // its HTTP API
      const [, value] = data.result[0]?.value ?? [];
      return value === undefined ? undefined : Number(value);
    },
  };
}
