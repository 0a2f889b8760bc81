import * as tf from '@tensorflow/tfjs-core'
import { BackendError, expectKnownOptions, expectNumber, OptionError, type Module, type Normalization } from '@metric-learning/contracts'
import { normalizeSamples } from '@metric-learning/ops'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { GraphRecorder } from '../compile/graph-recorder.js'
import { foldBatchNorm } from '../compile/passes/fold-batch-norm.js'
import { foldConstants } from '../compile/passes/fold-constants.js'
import { freeBatch } from '../compile/passes/free-batch.js'
import { freezeVariables } from '../compile/passes/freeze-variables.js'
import { removeDeadNodes } from '../compile/passes/remove-dead-nodes.js'
import type { Obstacle, RecordedGraph } from '../compile/recorded-graph.js'
import { loadedNativeBackend, nativeBackendName } from '../native/loaded-native-backend.js'
import { writeSavedModel, type WrittenModel } from './write-saved-model.js'

/** Options of {@link exportSavedModel}. */
export interface ExportSavedModelOptions {
  /** Shape of one sample, as a dataset tells it: [height, width, channels] for images. */
  readonly sampleShape: readonly number[]
  /**
   * Given: the model takes int32 pixels 0 to 255 and normalises them as a dataset with this normalization is. Left out:
   * it takes float32 values as the first module does.
   */
  readonly normalization?: Normalization
  /** The one batch size that the model takes. Default: any. */
  readonly batchSize?: number
}

const who = 'exportSavedModel'

/**
 * Writes modules in inference mode, one after the other (trunk, then embedder), as a SavedModel of TensorFlow. Python loads
 * it by `tf.saved_model.load(folder).signatures['serving_default'](samples=...)['embeddings']`; the embeddings are what
 * `embedDataset` gives, not normalised. The file holds all weights, and batch norm is folded into the convolutions.
 *
 * For any batch size, what the modules do must not depend on it beyond reshaping. Needs the native backend.
 *
 * @param modules one module, or several of which each takes the output of the one before
 * @param folder made when it is not there; an earlier export in it is replaced
 * @returns how the model is called, and how many operations it has
 * @throws {OptionError} when an option is unknown or out of range, or the folder holds something else.
 * @throws {BackendError} on another backend, when the modules read values on the host or change variables, and when they
 * hold the batch size fast and no `batchSize` was given.
 * @throws {DataError} when the file can't be written.
 */
export async function exportSavedModel(
  modules: Module | readonly Module[],
  folder: string,
  options: ExportSavedModelOptions,
): Promise<WrittenModel> {
  expectKnownOptions(who, options, ['sampleShape', 'normalization', 'batchSize'])
  const { sampleShape, batchSize } = options
  for (const extent of sampleShape) expectNumber(who, 'sampleShape', extent, { min: 1, integer: true })
  if (batchSize !== undefined) expectNumber(who, 'batchSize', batchSize, { min: 1, integer: true })
  const chain: readonly Module[] = Array.isArray(modules) ? modules : [modules]
  if (chain.length === 0) throw new OptionError({ who, wanted: 'a module at least', got: 'none', fix: 'Pass trunk and embedder.' })
  const backend = nativeBackend()
  const trace = (size: number) => record(backend, chain, size, options)
  const graph = batchSize === undefined ? anyBatch(trace(2), trace(3)) : trace(batchSize)
  const frozen = foldConstants(backend, freezeVariables(backend, graph))
  return writeSavedModel(removeDeadNodes(foldBatchNorm(frozen)), folder, {
    inputShape: [batchSize ?? -1, ...sampleShape],
    outputShape: [batchSize ?? -1, chain.at(-1)!.outputSize],
  })
}

function nativeBackend(): NodeJSKernelBackend {
  const backend = loadedNativeBackend()
  if (backend && tf.getBackend() === nativeBackendName) return backend
  throw new BackendError({ who, wanted: 'the native backend', got: tf.getBackend(), fix: "Call useBackend('native-cpu') first." })
}

function record(
  backend: NodeJSKernelBackend,
  chain: readonly Module[],
  size: number,
  { sampleShape, normalization }: ExportSavedModelOptions,
): RecordedGraph {
  const samples = tf.zeros([size, ...sampleShape], normalization ? 'int32' : 'float32')
  try {
    const recorder = new GraphRecorder(backend, [samples])
    const { outputs, graph } = recorder.record(() =>
      tf.tidy(() => {
        const inputs = normalizeSamples(samples, normalization)
        return [chain.reduce<tf.Tensor>((x, module) => module.call(x, { training: false }), inputs)]
      }),
    )
    tf.dispose(outputs)
    expectPure(recorder.obstacle, graph)
    return graph
  } finally {
    samples.dispose()
  }
}

function expectPure(obstacle: Obstacle | undefined, { variables, isSteady }: RecordedGraph): void {
  if (!obstacle && isSteady && variables.every(({ assigned }) => assigned === undefined)) return
  const { what, where } = obstacle ?? { what: 'makes or assigns variables', where: undefined }
  throw new BackendError({
    who,
    wanted: 'modules that are pure functions of tensors in inference',
    got: `one that ${what}${where === undefined ? '' : ` (${where})`}`,
    fix: 'See docs/compiled-steps.md for how to keep a module capturable.',
  })
}

function anyBatch(one: RecordedGraph, other: RecordedGraph): RecordedGraph {
  const freed = freeBatch(one, other)
  if ('graph' in freed) return freed.graph
  throw new BackendError({
    who,
    wanted: 'operations that take batches of any size',
    got: freed.obstacle,
    fix: 'Pass `batchSize` for a model that takes batches of that size only.',
  })
}
