import { escapeHtml, Html, html, page } from '@metric-learning/page'
import { expectKnownOptions, expectNumber, expectText, OptionError, PluginError, type State, type Stateful } from '@metric-learning/contracts'
import type { BatchEndContext, EpochStartContext, EvalProgressContext, Plugin, TappableTrainer, Trainer } from '@metric-learning/core'
import { evaluatedSplits } from '../comparison/comparison.js'
import { methodsOf, type Method } from '../comparison/method.js'
import type { DrawChart } from '../charts/draw-chart.js'
import { embeddingViews } from '../embeddings/embedding-view.js'
import type { ImageSource } from '../gallery/image-source.js'
import { Recorder, type RunRecorder } from '../record/run-recorder.js'
import { curvesSection } from '../sections/curves-section.js'
import { distancesSection } from '../sections/distances-section.js'
import { gallerySection } from '../sections/gallery-section.js'
import { resultsSection } from '../sections/results-section.js'
import { settingsSection, type Settings } from '../sections/settings-section.js'
import { LiveServer, type ShownChart, type ShownSection } from './live-server.js'
import { LIVE_STYLE } from './live-style.js'
import { statusSection, type RunPlace } from './status-section.js'

export interface LiveReportOptions {
  /** Heading of the page. Default `'Training'`. */
  readonly title?: string
  /**
   * Whose records are shown: each is among the plugins of its trainer, as is the page. With several, one page has runs that follow one another,
   * side by side. Default one of its own, named after the heading.
   */
  readonly runs?: readonly RunRecorder[]
  /** Encoded picture of a row of the split whose embeddings are shown. Default none, and no gallery. */
  readonly images?: ImageSource
  /** Options of the experiment. Default none. */
  readonly configuration?: Settings
  /** Where the page is served, on this machine alone. One that is named has to be free, and 0 is any. Default 7007, or the next that is free. */
  readonly port?: number
  /**
   * Names, without port, under which browsers may ask for the page beside `localhost` and addresses: those of a tunnel that passes its own on. All
   * others are refused, so that no page elsewhere can read this one by a name that resolves to this machine. Default none.
   */
  readonly allowedHosts?: readonly string[]
  /** Which queries and pairs are shown follows from this. Default 0. */
  readonly seed?: number
  /** Queries in the gallery. Default 6. */
  readonly queries?: number
  /** Neighbours of each query. Default 8. */
  readonly neighbours?: number
  /** Told the address. Default writes to stderr. */
  readonly say?: (line: string) => void
}

/** A plugin that serves a page of its runs. */
export interface LiveReport extends Plugin {
  /** Where the page is, such as `http://127.0.0.1:7007/`; `undefined` before the first run began, and when it is closed. */
  readonly url: string | undefined
  /** Serves it no more. Not needed: the page never keeps a process alive. */
  close(): Promise<void>
}

const KNOWN: readonly (keyof LiveReportOptions)[] = [
  ...(['title', 'runs', 'images', 'configuration', 'port', 'allowedHosts'] as const),
  ...(['seed', 'queries', 'neighbours', 'say'] as const),
]

const WHO = 'liveReport'
/** From one look at the runs to the next: milliseconds, and times that the look took, so that all of them take 1 % of a run at most. */
const [PACE, REST] = [500, 100]
/** The default port, and how many after it are tried. */
const [PORT, MORE_PORTS] = [7007, 20]
const SLOTS = ['status', 'results', 'curves', 'distances', 'retrieval', 'settings'] as const
type Slot = (typeof SLOTS)[number]

/**
 * A plugin that serves a page of the run under way on this machine (`http://127.0.0.1:7007/`): how far it is, loss, metrics, everything else that is
 * logged, and of the last evaluation the distances of pairs and a retrieval gallery. It has the sections of {@link writeReport}, and changes as the run
 * goes on.
 *
 * The page reads nothing but what is logged, is served and drawn in a thread of its own, and is looked after in 1 % of the time of a run at most. It has all of a
 * run whenever it is opened; of a resumed one, too. When the run has ended it shows the end, as long as the process lives, which it does not prolong.
 * What fails in it is a warning of the process, and the run goes on.
 *
 * It can only be read, and asks for nothing else; its addresses are relative, so that it can be served under a path.
 *
 * @throws {OptionError} when an option is unknown or out of range; in `setup`, when `port` is not free.
 * @throws {PluginError} in the trainer's constructor, when none of `runs` is among its plugins.
 * @example new Trainer({ ...parts, plugins: [tester, liveReport({ images: (row) => samplePng(val, row) })] })
 */
export function liveReport(options: LiveReportOptions = {}): LiveReport {
  expectKnownOptions(WHO, options, KNOWN)
  const { title = 'Training', runs, port, seed = 0, queries = 6, neighbours = 8, allowedHosts = [] } = options
  expectText(WHO, 'title', title, 'a heading')
  if (port !== undefined) expectNumber(WHO, 'port', port, { min: 0, max: 65_535, integer: true })
  expectNumber(WHO, 'seed', seed, { integer: true })
  expectNumber(WHO, 'queries', queries, { min: 1, integer: true })
  expectNumber(WHO, 'neighbours', neighbours, { min: 1, integer: true })
  expectHosts(allowedHosts)
  const all = { ...options, title, seed, queries, neighbours, allowedHosts }
  return runs === undefined ? new LiveReportOfItsOwn(all) : new LiveReportOf(recordersOf(runs), all)
}

type Options = LiveReportOptions & Required<Pick<LiveReportOptions, 'title' | 'seed' | 'queries' | 'neighbours' | 'allowedHosts'>>

class LiveReportOf implements LiveReport {
  readonly name = WHO
  #server: LiveServer | undefined
  /** While it starts: runs that begin at once wait for the same one. */
  #starting: Promise<void> | undefined
  #url: string | undefined
  /** Sections of the last evaluation. */
  #evaluated: Partial<Record<Slot, ShownSection>> = {}
  readonly #places = new Map<Recorder, RunPlace>()
  /** When the runs may be looked at again. */
  #next = 0
  #hasWarned = false

  constructor(
    private readonly recorders: readonly Recorder[],
    private readonly options: Options,
  ) {}

  get url(): string | undefined {
    return this.#url
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.#url = undefined
    await server?.close()
  }

  apply(trainer: TappableTrainer): void {
    this.watch(trainer.hooks, this.#recorderOf(trainer as Trainer))
  }

  /** Shows what a recorder records of the run of a trainer. */
  protected watch(hooks: TappableTrainer['hooks'], recorder: Recorder): void {
    // The run as all others have left it.
    const tap = { name: this.name, stage: 'save' } as const
    const at = (place: RunPlace): undefined => {
      this.#places.set(recorder, place)
      this.#look()
    }
    const place = () => this.#places.get(recorder) ?? { step: 0, steps: 0 }
    hooks.setup.tapPromise(tap, async () => {
      await this.#serve()
      await this.#show()
    })
    hooks.epochStart.tap(tap, ({ stepInEpoch, steps }: EpochStartContext) => at({ step: stepInEpoch, steps }))
    hooks.batchEnd.tap(tap, ({ stepInEpoch, steps }: BatchEndContext) => at({ step: stepInEpoch, steps }))
    hooks.evalStart.tap(tap, () => at({ ...place(), evaluating: { task: 'evaluating', done: 0, total: 0 } }))
    hooks.evalProgress.tap(tap, ({ task, done, total }: EvalProgressContext) => at({ ...place(), evaluating: { task, done, total } }))
    hooks.evalEnd.tapPromise(tap, async () => {
      this.#places.set(recorder, { step: place().step, steps: place().steps })
      await this.#showEmbeddings()
      await this.#show()
    })
    const end = async () => {
      await this.#show()
      await this.#server?.flush()
    }
    hooks.done.tapPromise(tap, end)
    hooks.failed.tapPromise(tap, end)
  }

  #recorderOf({ options }: Trainer): Recorder {
    const found = this.recorders.find((recorder) => options.plugins?.includes(recorder))
    if (found) return found
    throw new PluginError({
      who: this.name,
      wanted: 'one of its `runs` among the plugins of the trainer',
      got: 'none',
      fix: 'Put the recorder beside the page: `plugins: [recorder, live]`.',
    })
  }

  async #serve(): Promise<void> {
    if (this.#server) return
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined
    })
    await this.#starting
  }

  async #start(): Promise<void> {
    const { port, say = (line) => process.stderr.write(`${line}\n`), allowedHosts } = this.options
    const server = new LiveServer({ ...this.#document(), slots: SLOTS, allowedHosts }, (error) => {
      this.#warn(error)
      this.#server = undefined
    })
    try {
      this.#url = await server.listen(port === undefined ? [...Array.from({ length: 1 + MORE_PORTS }, (_, i) => PORT + i), 0] : [port])
    } catch (error) {
      await server.close()
      throw error
    }
    this.#server = server
    say(`Live page: ${this.#url}`)
  }

  /** The page without what its slots show. */
  #document(): { readonly before: string; readonly after: string } {
    const marker = '<!--slots-->'
    const { markup } = page({
      title: this.options.title,
      summary: 'As the run goes on.',
      sections: html`<p id="notice" class="notice" role="status" hidden></p>
<noscript><p class="notice">Without its script the page shows the run as it was when it was loaded.</p></noscript>
${new Html(marker)}`,
      footer: 'Served by the run itself, as long as its process lives.',
      style: LIVE_STYLE,
      end: new Html('<!--script-->'),
    })
    const [before, after] = markup.split(marker)
    return { before: before!, after: after! }
  }

  /** Looks at the runs unless it did just now. */
  #look(): void {
    if (this.#server && performance.now() >= this.#next) void this.#show()
  }

  async #show(): Promise<void> {
    const server = this.#server
    if (!server) return
    const started = performance.now()
    // Not once more while this is under way.
    this.#next = Infinity
    try {
      server.show([...(await this.#sections()), ...Object.values(this.#evaluated)])
    } catch (error) {
      this.#warn(error)
    } finally {
      const ended = performance.now()
      this.#next = ended + Math.max(PACE, REST * (ended - started))
    }
  }

  async #sections(): Promise<ShownSection[]> {
    const records = this.recorders.map(({ view }) => view)
    const methods = methodsOf(this.name, records)
    const begun = methods.filter(({ runs }) => runs.some(({ epochs, evaluations }) => epochs.length > 0 || evaluations.length > 0))
    const splits = evaluatedSplits(records)
    const status = records.map((record, i) => {
      const series = methods.findIndex(({ runs }) => runs.includes(record))
      return statusSection(record, this.#places.get(this.recorders[i]!) ?? { step: 0, steps: 0 }, series)
    })
    return [
      section('status', status, []),
      section('results', splits.length > 0 && resultsSection(begun, splits, { underWay: true }), []),
      await sectionWithCharts('curves', (draw) => curvesSection(begun, splits, draw)),
      section('settings', settingsSection(this.options.configuration ?? {}, {}), []),
    ]
  }

  /** What the last evaluation left: the trainer waits for it, since neighbours are found on the device. */
  async #showEmbeddings(): Promise<void> {
    const { seed, queries, neighbours, images } = this.options
    if (!this.#server) return
    try {
      const records = this.recorders.map((recorder) => ({ ...recorder.view, ...(recorder.embeddings && { embeddings: recorder.embeddings }) }))
      const views = embeddingViews(methodsOf(this.name, records).map(shownRun))
      if (!views) return
      this.#evaluated.distances = await sectionWithCharts('distances', (draw) => distancesSection(views, { seed, draw }))
      if (images) this.#evaluated.retrieval = section('retrieval', await gallerySection(views, { seed, queries, neighbours, images }), [])
    } catch (error) {
      this.#warn(error)
    }
  }

  /** Once: the page is no reason to end a run, nor to fill its log. */
  #warn(error: unknown): void {
    if (!this.#hasWarned) process.emitWarning(`${this.name}: the page is not what it should be. ${error instanceof Error ? error.message : String(error)}`)
    this.#hasWarned = true
  }
}

/** Records by itself, and is saved with the run. */
class LiveReportOfItsOwn extends LiveReportOf implements Stateful {
  readonly #recorder: Recorder

  constructor(options: Options) {
    const recorder = new Recorder({ name: options.title, maxEmbeddings: 2000, result: 'last' }, WHO)
    super([recorder], options)
    this.#recorder = recorder
  }

  override apply(trainer: TappableTrainer): void {
    this.#recorder.apply(trainer as Trainer)
    this.watch(trainer.hooks, this.#recorder)
  }

  state(): State {
    return this.#recorder.state()
  }

  restore(state: State): void {
    this.#recorder.restore(state)
  }
}

/** Of a method the last run that has embeddings. */
const shownRun = ({ runs }: Method) => [...runs].reverse().find(({ embeddings }) => embeddings) ?? runs[0]!

const section = (slot: Slot, content: Html | readonly Html[] | false | undefined, charts: readonly ShownChart[]): ShownSection => ({ slot, markup: html`${content}`.markup, charts })

/** A section whose charts are drawn elsewhere. */
async function sectionWithCharts(slot: Slot, make: (draw: DrawChart) => Promise<Html | undefined>): Promise<ShownSection> {
  const charts: ShownChart[] = []
  const content = await make((spec, label) => new Html(`<!--chart ${charts.push({ spec: JSON.stringify(spec), label: escapeHtml(label) }) - 1}-->`))
  return section(slot, content, charts)
}

function recordersOf(runs: readonly RunRecorder[]): Recorder[] {
  const given: unknown = runs
  const recorders = (Array.isArray(given) ? given : []).filter((run): run is Recorder => run instanceof Recorder)
  if (recorders.length > 0 && recorders.length === runs.length) {
    methodsOf(WHO, recorders.map(({ view }) => view))
    return recorders
  }
  throw new OptionError({
    who: WHO,
    wanted: '`runs` to be recorders that `runRecorder` of this package made, at least one',
    got: Array.isArray(given) ? `${recorders.length} of ${given.length}` : String(given),
    fix: "Pass `[runRecorder({ name: 'Triplet' })]`, or leave `runs` out.",
  })
}

function expectHosts(hosts: unknown): void {
  const isHost = (host: unknown) => typeof host === 'string' && /^[\w.-]+$/.test(host)
  const wrong = Array.isArray(hosts) ? hosts.findIndex((host) => !isHost(host)) : 0
  if (Array.isArray(hosts) && wrong === -1) return
  throw new OptionError({
    who: WHO,
    wanted: '`allowedHosts` to be names of hosts, without port',
    got: String(Array.isArray(hosts) ? hosts[wrong] : hosts),
    fix: "Pass what stands in the address of the tunnel, such as `['runs.example.org']`.",
  })
}
