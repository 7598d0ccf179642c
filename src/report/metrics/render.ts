/**
 * Metrics in the text formats of Prometheus and OpenMetrics. Rendered piece by piece, so that a scrape of a thousand
 * paths never keeps the daemon from a check for longer than a few milliseconds.
 */
import { Gauge, Registry, type RegistryContentType } from 'prom-client';
import type { PathFigures } from '../../core/report/figures.ts';
import { metricFamilies } from './families.ts';
import type { MetricFamily, Run, Sample } from './samples.ts';

/** `text`: Prometheus 0.0.4. */
export type MetricFormat = 'text' | 'openmetrics';

/** What is rendered: the run, and its paths, asked for one by one when their turn comes. */
export interface MetricSource {
  readonly run: Run;
  readonly paths: Iterable<PathFigures>;
}

/** The whole text, and what to send it as. */
export interface RenderedMetrics {
  readonly contentType: string;
  readonly text: string;
}

const contentTypes: Readonly<Record<MetricFormat, RegistryContentType>> = {
  text: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
};

const sliceMs = 2;

/** Renders every metric that has a value. */
export async function renderMetrics(source: MetricSource, format: MetricFormat): Promise<RenderedMetrics> {
  const slices = new Slices();
  const labelled: Labelled[] = [];
  for (const figures of source.paths) {
    const { provider, family } = figures;
    labelled.push({ figures, labels: { provider, family: `${family}` } });
    await slices.rest();
  }
  const writer = new Writer(format);
  for (const family of metricFamilies) {
    writer.begin(family);
    if ('ofRun' in family) await writer.write(family.ofRun(source.run));
    else {
      for (const { figures, labels } of labelled) {
        await writer.write(family.ofPath(figures, source.run), labels);
        await slices.rest();
      }
    }
  }
  return { contentType: contentTypes[format], text: writer.end() };
}

type Labels = Readonly<Record<string, string>>;

interface Labelled {
  readonly figures: PathFigures;
  readonly labels: Labels;
}

/** Gives the loop back whenever a slice of time is used up. */
class Slices {
  #until = performance.now() + sliceMs;

  async rest(): Promise<void> {
    if (performance.now() < this.#until) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#until = performance.now() + sliceMs;
  }
}

/** Lines of one metric after the other. */
class Writer {
  readonly #registry = new Registry<RegistryContentType>();
  readonly #isOpen: boolean;
  readonly #parts: string[] = [];
  #metric: Metric | undefined;
  #isBegun = false;

  constructor(format: MetricFormat) {
    this.#registry.setContentType(contentTypes[format]);
    this.#isOpen = format === 'openmetrics';
  }

  /** What is written next belongs to this metric. */
  begin(family: MetricFamily): void {
    this.#registry.clear();
    this.#metric = new Metric(family, this.#isOpen);
    this.#registry.registerMetric(this.#metric);
    this.#isBegun = false;
  }

  async write(samples: readonly Sample[], labels?: Labels): Promise<void> {
    if (this.#metric === undefined || !samples.some(({ value }) => value !== undefined)) return;
    this.#metric.hold(samples, labels);
    const text = await this.#registry.getSingleMetricAsString(this.#metric.shownName);
    this.#parts.push(this.#isBegun ? withoutHead(text) : text);
    this.#isBegun = true;
  }

  end(): string {
    return `${this.#parts.join('\n')}\n${this.#isOpen ? '# EOF\n' : ''}`;
  }
}

/** The lines after `# HELP` and `# TYPE`. */
function withoutHead(text: string): string {
  return text.slice(text.indexOf('\n', text.indexOf('\n') + 1) + 1);
}

/** A metric of the library's that shows the samples it is given: our figures are counted already. */
class Metric extends Gauge<string> {
  readonly shownName: string; // OpenMetrics names a counter without its suffix
  readonly #family: MetricFamily;
  #values: readonly object[] = [];

  constructor(family: MetricFamily, isOpen: boolean) {
    const shownName = isOpen && family.type === 'counter' ? family.name.replace(/_total$/, '') : family.name;
    super({ name: shownName, help: family.help, registers: [] });
    this.shownName = shownName;
    this.#family = family;
  }

  hold(samples: readonly Sample[], shared: Labels = {}): void {
    this.#values = samples.flatMap(({ value, labels = {}, suffix, exemplar }) => {
      if (value === undefined) return [];
      return {
        value,
        labels: { ...shared, ...labels },
        sharedLabels: shared,
        ...(suffix && { metricName: `${this.shownName}${suffix}` }),
        ...(exemplar && {
          exemplar: { labelSet: exemplar.labels, value: 1, timestamp: exemplar.atMs / 1000 },
        }),
      };
    });
  }

  override get(): ReturnType<Gauge<string>['get']> {
    const { help, type } = this.#family;
    const shown = { name: this.shownName, help, type, aggregator: 'sum', values: this.#values };
    return Promise.resolve(shown as unknown as Awaited<ReturnType<Gauge<string>['get']>>); // its types say an enum, its code strings
  }
}
