import * as tf from '@tensorflow/tfjs-core'
import { ShapeError, type Module, type Normalization } from '@metric-learning/contracts'
import { CompilableStep, normalizeSamples, type CompileMode } from '@metric-learning/ops'

export interface ForwardPassOptions {
  readonly trunk: Module
  /** Left out: the trunk's output is taken. */
  readonly embedder?: Module
  /**
   * Whether a batch runs as one graph: `true` where the backend can, with one warning if the modules can't be captured;
   * `'require'`: an error then; `false`: never. Default true.
   */
  readonly compile?: CompileMode
}

/** From samples on the device to embeddings, in inference mode: running statistics, no gradient, float32. One graph a shape where the backend can. */
export class ForwardPass {
  /** Numbers in an embedding. */
  readonly dim: number
  readonly #step: CompilableStep
  /** Of the run under way. */
  #normalization: Normalization | undefined

  constructor({ trunk, embedder, compile = true }: ForwardPassOptions) {
    this.dim = (embedder ?? trunk).outputSize
    const embed = (samples: tf.Tensor): tf.Tensor => {
      const mode = { training: false }
      const features = trunk.call(normalizeSamples(samples, this.#normalization), mode)
      return embedder ? embedder.call(features, mode) : features
    }
    const guarded = { trunk, ...(embedder && { embedder }) }
    this.#step = new CompilableStep('embedding of a data set', (samples) => [embed(samples!)], { compile, guarded })
  }

  /**
   * @param samples int32 for pixels, which are normalised, or float32: [n, ...sample]
   * @returns float32 [n, dim], the caller's
   * @throws {ShapeError} when pixels have other channels than the normalization; grey ones go with any.
   */
  run(samples: tf.Tensor, normalization: Normalization | undefined): tf.Tensor {
    expectChannels(samples, normalization)
    this.#normalization = normalization
    const [output] = tf.tidy(() => this.#step.run([samples], JSON.stringify(normalization)))
    return output!
  }

  /** Has the next run of each graph see whether the modules still do what was captured. */
  verify(): void {
    this.#step.verify()
  }

  /** Frees what was captured; a later run captures anew. */
  dispose(): void {
    this.#step.dispose()
  }
}

function expectChannels({ dtype, shape }: tf.Tensor, normalization: Normalization | undefined): void {
  const [channels, wanted] = [shape.at(-1)!, normalization?.std.length ?? 1]
  if (dtype === 'float32' || channels === wanted || channels === 1 || wanted === 1) return
  throw new ShapeError({
    who: 'embedding',
    wanted: `pixels of ${wanted} channels, as the normalization has`,
    got: `[${shape.join(', ')}]`,
    fix: channels === 4 ? 'Leave out the channel of transparency: `decodeSample` puts images on white.' : 'Decode images as those that the networks were trained on.',
  })
}
