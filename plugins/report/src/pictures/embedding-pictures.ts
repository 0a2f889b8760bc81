import { expectBoolean, expectKnownOptions, expectNumber, expectText, Random, type State, type Stateful } from '@metric-learning/contracts'
import type { EvalEndContext, EvaluatedSplit, Plugin, RunningTrainer, TappableTrainer } from '@metric-learning/core'
import { distanceHistogram, samplePairDistances } from '../distances/pair-distances.js'
import { drawQueries } from '../embeddings/draw-queries.js'
import type { ImageSource } from '../gallery/image-source.js'
import { FEWEST_ROWS, projectEmbeddings } from '../projection/project-embeddings.js'
import { projectionPicture } from '../projection/projection-picture.js'
import { classSample } from '../record/class-sample.js'
import { galleryPicture } from './gallery-picture.js'
import { paint } from './paint.js'

export interface EmbeddingPicturesOptions {
  /** The split that is shown. Default the first one of each evaluation. */
  readonly split?: string
  /** Evaluations from one that is shown to the next, of each tester. Default 1. */
  readonly everyEvaluations?: number
  /** Embeddings that are looked at; a larger split is thinned to whole classes. Default 2,000. */
  readonly maxEmbeddings?: number
  /** Whether they are projected to the plane. Default true. */
  readonly projection?: boolean
  /** Encoded picture of a row of the split. Default none, and no gallery. */
  readonly images?: ImageSource
  /** Queries in the gallery. Default 6. */
  readonly queries?: number
  /** Neighbours of each query. Default 8. */
  readonly neighbours?: number
  /** Classes in colour in the projection, at most 12. Default 10. */
  readonly classes?: number
  /** Pairs of each kind whose distances are shown. Default 10,000. */
  readonly pairs?: number
  /** Which classes, queries and pairs are shown, and the projection, follow from this. Default 0. */
  readonly seed?: number
  /** Told at the end of a run how far the projection is that it waits for. Default writes to stderr. */
  readonly say?: (line: string) => void
  /** Of the plugin. Default `'embeddingPictures'`. */
  readonly name?: string
}

const KNOWN: readonly (keyof EmbeddingPicturesOptions)[] = [
  ...(['split', 'everyEvaluations', 'maxEmbeddings', 'projection', 'images', 'queries'] as const),
  ...(['neighbours', 'classes', 'pairs', 'seed', 'say', 'name'] as const),
]

/** Side of a projection, in pixels. */
const SIDE = 640

/** What is shown of a split. */
interface Shown {
  /** Of its tags. */
  readonly title: string
  readonly step: number
  readonly values: Float64Array
  readonly dim: number
  readonly labels: readonly number[]
  readonly rows: readonly number[]
}

/** A projection under way. */
interface Projection {
  readonly of: Shown
  done: number
  readonly end: Promise<void>
}

/**
 * A plugin that logs, of each evaluation, how a split's embeddings lie: for TensorBoard, or any other logger.
 *
 * - `<split>/distances/positive` and `<split>/distances/negative`: histograms of the distances of pairs of one class and of two, and
 *   `<split>/distances/overlap`, the share that both have in common;
 * - `<split>/retrieval`: with `images`, queries with their nearest neighbours, right and wrong marked;
 * - `<split>/projection`: UMAP, some classes in colour. It is worked out in a thread of its own while training goes on, and logged, at the step
 *   of its evaluation, when it is there; the next evaluation waits for one that is not. So does the end of the run, and says how far it is.
 *
 * Which pairs, queries and classes these are follows from `seed`: they are the same in every evaluation. A projection that fails is a warning of
 * the process, and the run goes on. Of a second tester tags begin with its name, `<tester>/<split>/…`.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {DataError} in `evalEnd`, when `images` gives something that is no image.
 * @example new Trainer({ ...parts, plugins: [tester, embeddingPictures({ images: (row) => samplePng(val, row) }), tensorBoard({ folder })] })
 */
export function embeddingPictures(options: EmbeddingPicturesOptions = {}): Plugin & Stateful {
  const who = 'embeddingPictures'
  expectKnownOptions(who, options, KNOWN)
  const { split, everyEvaluations = 1, maxEmbeddings = 2000, queries = 6, neighbours = 8, classes = 10, pairs = 10_000, seed = 0, name = who } = options
  if (split !== undefined) expectText(who, 'split', split, 'the name of a split')
  expectText(who, 'name', name, 'a name')
  expectNumber(who, 'everyEvaluations', everyEvaluations, { min: 1, integer: true })
  expectNumber(who, 'maxEmbeddings', maxEmbeddings, { min: 2, integer: true })
  expectNumber(who, 'queries', queries, { min: 1, integer: true })
  expectNumber(who, 'neighbours', neighbours, { min: 1, integer: true })
  expectNumber(who, 'classes', classes, { min: 1, max: 12, integer: true })
  expectNumber(who, 'pairs', pairs, { min: 1, integer: true })
  expectNumber(who, 'seed', seed, { integer: true })
  if (options.projection !== undefined) expectBoolean(who, 'projection', options.projection)
  return new EmbeddingPictures({ ...options, everyEvaluations, maxEmbeddings, queries, neighbours, classes, pairs, seed, name })
}

type Numbers = 'everyEvaluations' | 'maxEmbeddings' | 'queries' | 'neighbours' | 'classes' | 'pairs' | 'seed'

class EmbeddingPictures implements Plugin, Stateful {
  readonly name: string
  /** Evaluations so far of each tester. */
  #evaluations = new Map<string, number>()
  /** The tester whose split of a name was the first. */
  #owners = new Map<string, string>()
  #projection: Projection | undefined
  #ending = new AbortController()

  constructor(private readonly options: EmbeddingPicturesOptions & Required<Pick<EmbeddingPicturesOptions, Numbers | 'name'>>) {
    this.name = options.name
  }

  apply({ hooks }: TappableTrainer): void {
    hooks.evalEnd.tapPromise({ name: this.name }, (context) => this.#show(context))
    // Before loggers close their files.
    hooks.done.tapPromise({ name: this.name, stage: 'measure' }, () => this.#wait())
    hooks.failed.tapPromise({ name: this.name, stage: 'measure' }, async () => {
      this.#ending.abort()
      await this.#projection?.end
      this.#ending = new AbortController()
    })
  }

  state(): State {
    return { values: { evaluations: Object.fromEntries(this.#evaluations), owners: Object.fromEntries(this.#owners) } }
  }

  restore({ values = {} }: State): void {
    const { evaluations = {}, owners = {} } = values as { evaluations?: Readonly<Record<string, number>>; owners?: Readonly<Record<string, string>> }
    this.#evaluations = new Map(Object.entries(evaluations))
    this.#owners = new Map(Object.entries(owners))
  }

  async #show({ trainer, tester, splits, step }: EvalEndContext): Promise<void> {
    const evaluation = this.#evaluations.get(tester) ?? 0
    this.#evaluations.set(tester, evaluation + 1)
    const split = this.options.split === undefined ? splits[0] : splits.find(({ name }) => name === this.options.split)
    if (!split || evaluation % this.options.everyEvaluations !== 0) return
    const shown = this.#take(split, tester, step)
    this.#logDistances(trainer, shown)
    await this.#logGallery(trainer, shown)
    const { projection = true } = this.options
    if (!projection || shown.rows.length < FEWEST_ROWS) return
    await this.#projection?.end
    this.#project(trainer, shown)
  }

  /** Copies what is shown: the splits of an evaluation are valid until the hook returns. */
  #take({ name, embeddings, dim, labels }: EvaluatedSplit, tester: string, step: number): Shown {
    if (!this.#owners.has(name)) this.#owners.set(name, tester)
    const title = this.#owners.get(name) === tester ? name : `${tester}/${name}`
    const rows = classSample(labels, this.options.maxEmbeddings)
    const values = new Float64Array(rows.length * dim)
    rows.forEach((row, i) => {
      values.set(embeddings.subarray(row * dim, (row + 1) * dim), i * dim)
    })
    return { title, step, values, dim, labels: rows.map((row) => labels[row]!), rows }
  }

  #logDistances(trainer: RunningTrainer, { title, step, values, dim, labels }: Shown): void {
    const distances = samplePairDistances(values, dim, labels, this.options)
    if (!distances) return
    trainer.log({ kind: 'histogram', tag: `${title}/distances/positive`, step, values: distances.positive })
    trainer.log({ kind: 'histogram', tag: `${title}/distances/negative`, step, values: distances.negative })
    trainer.log({ kind: 'scalar', tag: `${title}/distances/overlap`, step, value: distanceHistogram(distances).overlap })
  }

  async #logGallery(trainer: RunningTrainer, { title, step, values, dim, labels, rows }: Shown): Promise<void> {
    const { images, queries, neighbours, seed } = this.options
    if (!images) return
    const picture = await galleryPicture(values, dim, labels, rows, { queries, neighbours, images, random: new Random(seed) })
    if (picture) trainer.log({ kind: 'image', tag: `${title}/retrieval`, step, image: await paint(picture.svg, picture.width, picture.height) })
  }

  #project(trainer: RunningTrainer, of: Shown): void {
    const { seed, classes } = this.options
    const { title, step, values, dim, labels } = of
    const { signal } = this.#ending
    const highlighted = drawQueries(labels, classes, new Random(seed))
      .map(({ label }) => label)
      .sort((a, b) => a - b)
    const work = async () => {
      const points = await projectEmbeddings(values, dim, { seed, signal, onProgress: (done) => (projection.done = done) })
      const picture = projectionPicture(points, labels, highlighted, title)
      trainer.log({ kind: 'image', tag: `${title}/projection`, step, image: await paint(picture, SIDE, SIDE) })
    }
    const end = work()
      .catch((error: unknown) => {
        if (!signal.aborted) process.emitWarning(`${this.name}: no projection of "${title}" at step ${step}. ${error instanceof Error ? error.message : String(error)}`)
      })
      .finally(() => {
        if (this.#projection === projection) this.#projection = undefined
      })
    const projection: Projection = { of, done: 0, end }
    this.#projection = projection
  }

  /** Says how far the projection under way is, a quarter at a time. */
  async #wait(): Promise<void> {
    const projection = this.#projection
    if (!projection) return
    const { say = (line) => process.stderr.write(`${line}\n`) } = this.options
    const { title, step } = projection.of
    let quarter = -1
    const tell = () => {
      const reached = Math.floor(4 * projection.done)
      if (reached > quarter && reached < 4) say(`${this.name}: waiting for the projection of "${title}" at step ${step}, ${25 * reached} % done`)
      quarter = Math.max(quarter, reached)
    }
    tell()
    const timer = setInterval(tell, 200)
    await projection.end.finally(() => {
      clearInterval(timer)
    })
  }
}
