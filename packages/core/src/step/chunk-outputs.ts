import * as tf from '@tensorflow/tfjs-core'
import { ShapeError, type CallMode, type Dataset } from '@metric-learning/contracts'
import type { CompilableStep, CompilableStepOptions } from '@metric-learning/ops'
import type { ChunkedBatch, UploadedChunk } from '../batches/chunked-batch.js'
import type { HookSet } from '../hooks/hook-set.js'
import type { PlannedUpdate } from '../plan/training-plan.js'
import { judgedOutputs, outputsOf } from './loss-terms.js'
import { NamedStep } from './named-step.js'

interface Given {
  readonly update: PlannedUpdate
  readonly chunk: UploadedChunk
  readonly normalization: Dataset['normalization']
}

/** What a scheme makes of a batch for an update, one chunk of its samples after the other: a graph that runs once for each. */
export class ChunkOutputs {
  readonly #forward: NamedStep<Given, 'outputs'>

  /** @param name of the graph */
  constructor(
    name: string,
    private readonly hooks: HookSet,
    private readonly mode: CallMode,
    options: CompilableStepOptions,
  ) {
    this.#forward = new NamedStep(name, (given) => ({ outputs: this.#outputsOf(given) }), options)
  }

  get step(): CompilableStep {
    return this.#forward.compilable
  }

  /**
   * Those of the outputs that somebody judges, of all chunks; of the surrounding `tf.tidy`.
   *
   * @param facts names all that shapes them, besides shapes and the normalization
   * @throws {ShapeError} when an output has no row for each sample.
   */
  of(update: PlannedUpdate, batch: ChunkedBatch, normalization: Dataset['normalization'], facts = ''): tf.NamedTensorMap {
    // Its numbers are constants of the graph.
    const shaping = `${facts} ${JSON.stringify(normalization)}`
    const parts = batch.chunks.map((one) =>
      tf.tidy(() => {
        const chunk = one.upload()
        return this.#forward.run({ update, chunk, normalization }, chunk.tensors, shaping).outputs
      }),
    )
    const whole = Object.fromEntries(Object.keys(parts[0]!).map((name) => [name, tf.concat(parts.map((part) => part[name]!))]))
    tf.dispose(parts)
    return whole
  }

  #outputsOf({ update, chunk, normalization }: Given): tf.NamedTensorMap {
    const outputs = judgedOutputs(update, outputsOf(update, chunk.inStep(normalization), this.mode), this.hooks)
    for (const [name, { shape }] of Object.entries(outputs)) {
      if (shape[0] === chunk.size) continue
      // Outputs of chunks are put together row by row.
      throw new ShapeError({
        who: `Scheme, forward of update "${update.name}"`,
        wanted: `the output ${name} with a row for each sample, as \`chunkSize\` needs it: [${chunk.size}, …]`,
        got: `[${shape.join(', ')}]`,
        fix: 'Return one row for each sample, or leave `chunkSize` out.',
      })
    }
    return outputs
  }
}
