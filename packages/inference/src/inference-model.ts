import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import {
  DataError,
  expectBoolean,
  expectFunction,
  expectKnownOptions,
  expectMethods,
  expectNumber,
  expectText,
  OptionError,
  StateError,
  type Dataset,
  type Embeddings,
  type Module,
  type Normalization,
  type Plain,
} from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { ExactNeighbourIndex } from '@metric-learning/evaluation'
import { loadModule, saveModule } from '@metric-learning/models'
import { expectBackend } from '@metric-learning/ops'
import { embedRows } from './dataset-embedder.js'
import { expectFiniteTensor } from './expect-finite-samples.js'
import { ForwardPass } from './forward-pass.js'
import { countOf, isDataset, noSamples, samplesOf, type InferenceInputs } from './inference-inputs.js'
import type { EmbeddingOptions, InferenceModelOptions, LoadOptions, Neighbour, NeighbourOptions, ReferenceOptions, SavedModelNotes } from './inference-model-options.js'
import { MatchFinder, type MatchingPairsOptions, type MatchOptions } from './match-finder.js'
import { ModelReferences } from './model-references.js'
import { normalizeHostRows } from './normalize-host-rows.js'
import { expectKeys, type ReferenceKey } from './reference-keys.js'
import { RequestBatcher } from './request-batcher.js'
import { matchFinderOf, matchFinderSettings } from './saved/match-finder-settings.js'
import { MODEL_FILE, readModelFile, readModelFolder, writeModelFolder, type PartWriter } from './saved/model-folder.js'

const WHO = 'InferenceModel'

/**
 * A trained network with an index of references: what a service needs. Embeds in inference mode (running statistics, no gradient, float32)
 * through a compiled forward pass, finds nearest neighbours, says what matches, and is saved and loaded as a whole.
 *
 * Any number of requests may be under way. Small ones that wait together are embedded as one batch and searched for at once, and each gets
 * its own answer; batches are filled up to 1, 2, 4, … samples, so that few graphs are made. The last bits of an embedding may depend on the
 * size of its batch, as products of other shapes round otherwise. A search sees the references before or after a change, never a part of it.
 *
 * An embedding must depend on its sample alone, which batch norm's running statistics see to. Weights may be trained on meanwhile: each
 * batch takes them as they are, while references stay as they were embedded.
 *
 * @throws {OptionError} when an option is unknown or out of range, or the index holds embeddings of another width.
 * @example
 * const model = new InferenceModel({ trunk, embedder, normalization: train.normalization })
 * await model.fit(gallery)
 * const [neighbours] = await model.getNearestNeighbours(await decodeSample(bytes, format), { k: 5 })
 * await model.save('models/birds')
 */
export class InferenceModel {
  readonly matchFinder: MatchFinder
  readonly normalizeEmbeddings: boolean
  readonly #trunk: Module
  readonly #embedder: Module | undefined
  readonly #normalization: Normalization | undefined
  readonly #references: ModelReferences
  readonly #batchSize: number
  readonly #pass: ForwardPass
  readonly #embedding: RequestBatcher<tf.Tensor, Embeddings>

  constructor(options: InferenceModelOptions) {
    expectKnownOptions(WHO, options, ['trunk', 'embedder', 'normalizeEmbeddings', 'normalization', 'index', 'matchFinder', 'batchSize', 'compile'])
    const { trunk, embedder, normalizeEmbeddings = true, normalization, batchSize = 64, compile = true } = options
    const { index = new ExactNeighbourIndex(), matchFinder = new MatchFinder({ distance: new CosineSimilarity(), threshold: 0.9 }) } = options
    expectMethods(WHO, 'trunk', trunk, ['call'], 'new ConvNet()')
    if (embedder !== undefined) expectMethods(WHO, 'embedder', embedder, ['call'], 'new Embedder({ inputSize, embeddingSize })')
    expectMethods(WHO, 'index', index, ['add', 'remove', 'search', 'save', 'load'], 'new ExactNeighbourIndex()')
    expectMethods(WHO, 'matchFinder', matchFinder, ['getMatchingPairs', 'isMatch'], 'new MatchFinder({ distance, threshold: 0.9 })')
    expectBoolean(WHO, 'normalizeEmbeddings', normalizeEmbeddings)
    if (normalization !== undefined) expectNormalization(normalization)
    expectNumber(WHO, 'batchSize', batchSize, { min: 1, integer: true })
    this.#pass = new ForwardPass({ trunk, ...(embedder && { embedder }), compile })
    this.matchFinder = matchFinder
    this.normalizeEmbeddings = normalizeEmbeddings
    this.#trunk = trunk
    this.#embedder = embedder
    this.#normalization = normalization
    this.#references = new ModelReferences(index, this.dim)
    this.#batchSize = batchSize
    this.#embedding = new RequestBatcher({
      answer: (requests) => this.#embedTogether(requests),
      goTogether: (one, other) => one.dtype === other.dtype && one.shape.slice(1).join() === other.shape.slice(1).join(),
      sizeOf: (samples) => samples.shape[0]!,
      limit: batchSize,
    })
  }

  /** Numbers in an embedding. */
  get dim(): number {
    return this.#pass.dim
  }

  /** References there are. */
  get size(): number {
    return this.#references.size
  }

  /** Keys of the references, in the order in which they were added. */
  get keys(): ReferenceKey[] {
    return this.#references.keys
  }

  /**
   * Embeddings of samples, in their order, normalised unless `normalizeEmbeddings` is false.
   *
   * @throws {OptionError} when an option is unknown, or inputs are pixels and there is no `normalization`.
   * @throws {ShapeError} when inputs are nothing that can be embedded, none, or of a shape that the trunk does not take.
   * @throws {DataError} when a sample or an embedding is not finite, or a data set can't be loaded.
   */
  async getEmbeddings(inputs: InferenceInputs, options: EmbeddingOptions = {}): Promise<Embeddings> {
    expectKnownOptions(`${WHO}.getEmbeddings`, options, ['onProgress'])
    const { onProgress } = options
    if (onProgress !== undefined) expectFunction(WHO, 'onProgress', onProgress, '(done, total) => console.log(done / total)')
    expectBackend(WHO)
    const embeddings = isDataset(inputs) ? await this.#embedDataset(inputs, options) : await this.#embedding.ask(await this.#upload(inputs))
    expectFinite(embeddings)
    if (this.normalizeEmbeddings) normalizeHostRows(embeddings)
    return embeddings
  }

  /**
   * Makes samples the references, in place of those before. If it fails, these stay.
   *
   * @throws as {@link getEmbeddings}, and as {@link add} for keys.
   */
  async fit(inputs: InferenceInputs, options: ReferenceOptions = {}): Promise<void> {
    expectKnownOptions(`${WHO}.fit`, options, ['keys', 'onProgress'])
    const own = withOwnKeys(options)
    await this.#references.replace(await this.#embedReferences(inputs, own), own.keys)
  }

  /**
   * Adds samples to the references.
   *
   * @returns their keys
   * @throws {OptionError} when some references have keys and others would have none, a key is neither a text nor a whole number, or some are
   * texts and others numbers.
   * @throws {ShapeError} when there is not one key a sample.
   * @throws {DataError} when a key is there already.
   * @throws as {@link getEmbeddings}. Whatever fails, nothing is added.
   */
  async add(inputs: InferenceInputs, options: ReferenceOptions = {}): Promise<ReferenceKey[]> {
    expectKnownOptions(`${WHO}.add`, options, ['keys', 'onProgress'])
    const own = withOwnKeys(options)
    return this.#references.add(await this.#embedReferences(inputs, own), own.keys)
  }

  /**
   * Removes references by their keys. Other numbers stay what they are.
   *
   * @throws {OptionError} when keys are no list.
   * @throws {DataError} when there is none of a key, or it is named twice; nothing is removed then.
   */
  remove(keys: readonly ReferenceKey[]): Promise<void> {
    return this.#references.remove(withOwnKeys({ keys }).keys)
  }

  /**
   * The references nearest to each sample, nearest first.
   *
   * @throws {OptionError} when `k` is neither a positive integer nor `'all'`.
   * @throws {StateError} when there are no references.
   * @throws as {@link getEmbeddings}.
   */
  async getNearestNeighbours(inputs: InferenceInputs, options: NeighbourOptions): Promise<Neighbour[][]> {
    expectKnownOptions(`${WHO}.getNearestNeighbours`, options, ['k', 'onProgress'])
    const { k, ...rest } = options
    if (k !== 'all') expectNumber(WHO, 'k', k, { min: 1, integer: true, hint: "Pass the number of neighbours, or 'all'." })
    this.#references.expectSome()
    return this.#references.search(await this.getEmbeddings(inputs, rest), k)
  }

  /** {@link MatchFinder.getMatchingPairs} of samples. Where references are left out, the queries are compared with themselves. */
  getMatches(query: InferenceInputs, references?: InferenceInputs, options?: MatchingPairsOptions & { readonly returnTuples?: false }): Promise<boolean[][]>
  getMatches(query: InferenceInputs, references: InferenceInputs | undefined, options: MatchingPairsOptions & { readonly returnTuples: true }): Promise<[number, number][]>
  getMatches(query: InferenceInputs, references?: InferenceInputs, options?: MatchingPairsOptions): Promise<boolean[][] | [number, number][]>
  async getMatches(query: InferenceInputs, references?: InferenceInputs, options: MatchingPairsOptions = {}): Promise<boolean[][] | [number, number][]> {
    const [from, to] = await Promise.all([this.getEmbeddings(query), references === undefined ? undefined : this.getEmbeddings(references)])
    return this.matchFinder.getMatchingPairs(from, to, options)
  }

  /** {@link MatchFinder.isMatch} of samples: whether sample i of one matches sample i of the other. */
  async isMatch(x: InferenceInputs, y: InferenceInputs, options: MatchOptions = {}): Promise<boolean[]> {
    const [one, other] = await Promise.all([this.getEmbeddings(x), this.getEmbeddings(y)])
    return this.matchFinder.isMatch(one, other, options)
  }

  /**
   * Saves networks, references, keys and settings into a folder, in place of a model that is there: it holds the one or the other, whole, at any
   * moment. Networks are safetensors files with PyTorch's names and layout, as `saveModule` writes them.
   *
   * @param options.notes plain values to find again in {@link InferenceModel.describe}, such as the options of the networks
   * @throws {DataError} when a file can't be written, or notes are not plain.
   */
  async save(folder: string, options: { readonly notes?: Readonly<Record<string, Plain>> } = {}): Promise<void> {
    expectKnownOptions(`${WHO}.save`, options, ['notes'])
    expectText(`${WHO}.save`, 'folder', folder, 'the path of a folder')
    const { notes = {} } = options
    expectPlain(notes)
    const embedder = this.#embedder
    const networks: PartWriter[] = [['trunk.safetensors', (path) => saveModule(this.#trunk, path)]]
    if (embedder) networks.push(['embedder.safetensors', (path) => saveModule(embedder, path)])
    const { mean, std } = this.#normalization ?? {}
    await this.#references.save((references, first) => {
      const settings = {
        normalizeEmbeddings: this.normalizeEmbeddings,
        normalization: mean && std ? { mean, std } : null,
        matchFinder: matchFinderSettings(this.matchFinder),
        first,
      }
      return writeModelFolder(folder, [...networks, ...references], { settings, notes })
    })
  }

  /**
   * What a saved model says of itself, without loading it.
   *
   * @throws {DataError} when there is none, it is damaged, or of a newer format; names the file.
   */
  static async describe(folder: string): Promise<SavedModelNotes> {
    expectText(`${WHO}.describe`, 'folder', folder, 'the path of a folder')
    const { notes, settings } = await readModelFile(join(folder, MODEL_FILE))
    return { notes, normalizeEmbeddings: settings['normalizeEmbeddings'] as boolean, normalization: normalizationOf(settings['normalization']) }
  }

  /**
   * Loads a saved model: each byte of it is checked, weights go into the given networks, references into the given index or a new one. Its
   * neighbours are those of the model that was saved. If it fails, the networks' weights stay.
   *
   * @param options networks of the same structure, and an index of the same kind, as those that were saved. `matchFinder` in place of
   * that of the folder
   * @throws {DataError} when a file is missing, damaged, or of a newer format; names the file.
   * @throws {StateError} when networks or index are others than those that were saved.
   */
  static async load(folder: string, options: LoadOptions): Promise<InferenceModel> {
    expectKnownOptions(`${WHO}.load`, options, ['trunk', 'embedder', 'index', 'matchFinder', 'batchSize', 'compile'])
    expectText(`${WHO}.load`, 'folder', folder, 'the path of a folder')
    const { settings, files } = await readModelFolder(folder)
    const file = join(folder, MODEL_FILE)
    const { trunk, embedder, matchFinder = matchFinderOf(file, settings['matchFinder']!) } = options
    const normalization = normalizationOf(settings['normalization'])
    const model = new InferenceModel({ ...options, matchFinder, normalizeEmbeddings: settings['normalizeEmbeddings'] as boolean, ...(normalization && { normalization }) })
    if ((embedder !== undefined) !== ('embedder' in files)) {
      const got = embedder ? 'one' : 'none'
      throw new StateError({ who: `${WHO}.load`, wanted: `${embedder ? 'no `embedder`' : 'an `embedder`'}, as the model in ${file} was saved`, got, fix: 'Make the networks as they were then.' })
    }
    await allOrNothing([trunk, ...(embedder ? [embedder] : [])], async () => {
      await loadModule(trunk, files['trunk']!)
      if (embedder) await loadModule(embedder, files['embedder']!)
      await model.#references.load(files, settings['first'] as number | null)
    })
    return model
  }

  /** Frees the graphs, and what the index has on the device; a later call makes them again. The networks stay the caller's. */
  dispose(): void {
    this.#pass.dispose()
    this.#references.dispose()
  }

  async #embedReferences(inputs: InferenceInputs, { keys, onProgress }: ReferenceOptions): Promise<Embeddings> {
    if (keys !== undefined) expectKeys(keys, countOf(inputs))
    return this.getEmbeddings(inputs, { ...(onProgress && { onProgress }) })
  }

  #embedDataset(dataset: Dataset, { onProgress }: EmbeddingOptions): Promise<Embeddings> {
    const rows = Int32Array.from(dataset.labels.keys())
    if (rows.length === 0) throw noSamples(`none in ${dataset.name}`)
    this.#pass.verify()
    return embedRows(this.#pass, { dataset, rows, batchSize: this.#batchSize, normalization: this.#normalization, ...(onProgress && { onProgress }) })
  }

  /** Samples on the device, to be freed by who answers. */
  async #upload(inputs: Exclude<InferenceInputs, Dataset>): Promise<tf.Tensor> {
    // Kept, should the caller be within a tidy.
    const samples = tf.keep(samplesOf(inputs))
    const isPixels = samples.dtype === 'int32'
    try {
      if (!isPixels) await expectFiniteTensor(WHO, samples)
    } catch (error) {
      samples.dispose()
      throw error
    }
    if (!isPixels || this.#normalization) return samples
    samples.dispose()
    throw new OptionError({
      who: WHO,
      wanted: '`normalization` for pixels',
      got: 'none',
      fix: 'Pass that of the data set that the networks were trained on, `dataset.normalization`; `{ mean: [0], std: [1] }` is that of one without.',
    })
  }

  async #embedTogether(requests: readonly tf.Tensor[]): Promise<Embeddings[]> {
    const { dim } = this
    const samples = requests.length === 1 ? requests[0]! : tf.concat([...requests], 0)
    try {
      const count = samples.shape[0]!
      const embeddings = new Float32Array(count * dim)
      for (let start = 0; start < count; start += this.#batchSize) {
        const rows = Math.min(this.#batchSize, count - start)
        const size = Math.min(this.#batchSize, 2 ** Math.ceil(Math.log2(rows)))
        const output = tf.tidy(() => this.#pass.run(filledUp(samples, start, rows, size), this.#normalization))
        const values = await output.data<'float32'>()
        output.dispose()
        embeddings.set(values.subarray(0, rows * dim), start * dim)
      }
      let end = 0
      return requests.map(({ shape }) => ({ embeddings: embeddings.slice(end * dim, (end += shape[0]!) * dim), dim }))
    } finally {
      for (const tensor of new Set([samples, ...requests])) tensor.dispose()
    }
  }
}

/** What the caller writes into the list while samples are embedded does not count. What is no list is refused by who takes it. */
const withOwnKeys = <T extends Pick<ReferenceOptions, 'keys'>>(options: T): T => (Array.isArray(options.keys) ? { ...options, keys: [...options.keys] } : options)

/** Rows of samples, and after them the first of them again, up to `size`. */
function filledUp(samples: tf.Tensor, start: number, rows: number, size: number): tf.Tensor {
  if (start === 0 && rows === size && samples.shape[0] === size) return samples
  return tf.gather(samples, tf.tensor1d(Int32Array.from({ length: size }, (_, i) => start + (i < rows ? i : 0)), 'int32'))
}

/** Does all of `work`, or gives the networks the weights that they had. */
async function allOrNothing(modules: readonly Module[], work: () => Promise<void>): Promise<void> {
  const before = modules.flatMap(({ parameters, buffers }) => [...parameters.values(), ...buffers.values()].map((variable) => [variable, tf.keep(tf.clone(variable))] as const))
  try {
    await work()
  } catch (error) {
    for (const [variable, value] of before) variable.assign(value)
    throw error
  } finally {
    for (const [, value] of before) value.dispose()
  }
}

function expectFinite({ embeddings, dim }: Embeddings): void {
  const broken = embeddings.findIndex((value) => !Number.isFinite(value))
  if (broken === -1) return
  throw new DataError({
    who: WHO,
    wanted: 'embeddings of finite numbers',
    got: `${embeddings[broken]} for sample ${Math.floor(broken / dim)}`,
    fix: 'Look for NaN in the inputs; if there is none, training may have diverged.',
  })
}

/** @throws {DataError} when it would come back as something else. */
function expectPlain(notes: Readonly<Record<string, Plain>>): void {
  let again: unknown
  try {
    again = JSON.parse(JSON.stringify(notes))
  } catch {
    // Rings and the like.
  }
  if (isDeepStrictEqual(again, notes)) return
  throw new DataError({ who: `${WHO}.save`, wanted: '`notes` that JSON can hold', got: 'others, such as undefined, NaN or an object of a class', fix: 'Pass finite numbers, texts, lists and objects of them.' })
}

function expectNormalization(normalization: Normalization): void {
  const { mean, std } = ((normalization as unknown) ?? {}) as Partial<Normalization>
  const isWhole = Array.isArray(mean) && Array.isArray(std) && mean.length === std.length && mean.length > 0 && mean.every(Number.isFinite) && std.every((one) => Number.isFinite(one) && one > 0)
  if (isWhole) return
  throw new OptionError({ who: WHO, wanted: '`normalization` with a `mean` and a positive `std` for each channel', got: JSON.stringify(normalization) ?? 'undefined', fix: 'Pass `dataset.normalization`.' })
}

const normalizationOf = (plain: Plain | undefined): Normalization | undefined => (plain ?? undefined) as Normalization | undefined
