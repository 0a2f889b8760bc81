import * as tf from '@tensorflow/tfjs-core'
import { expectFixedNumber, expectKnownOptions, Random, StateError, type Module, type State, type Stateful } from '@metric-learning/contracts'
import type { AveragedWeight, Plugin, RunningTrainer } from '@metric-learning/core'
import { expectSamples, normalizeSamples, turnOfEventLoop, uploadSamples } from '@metric-learning/ops'

/** Options of {@link stochasticWeightAveraging}. */
export interface StochasticWeightAveragingOptions {
  /** Epochs that end before averaging begins: the first weights that count are those after the next one. An integer from 0. */
  readonly from: number
  /** Epochs from one average to the next: those of a cycle, where the rate goes in cycles. An integer of at least 1. Default 1. */
  readonly every?: number
  /** Batches from which running statistics are gathered anew, of the sampler's size or the trainer's `chunkSize`, drawn at random. An integer from 0. Default 100. */
  readonly statisticsBatches?: number
}

/**
 * Stochastic weight averaging: the mean of the weights after epoch `from + 1`, `from + 1 + every`, …, each counting the same,
 *
 *     w̄ ← w̄ + (w - w̄) / (n + 1)
 *
 * which evaluations see as soon as there is one, and which is the model when the run has ended. Keep the learning rate high and constant, or
 * in cycles, meanwhile (`plugins/schedules`): weights that hardly move have themselves for a mean.
 *
 * Running statistics of batch norm belong to other weights than the mean: before each evaluation, and at the end of the run, they are gathered
 * anew with the averaged weights, from those of training, by `statisticsBatches` random batches that go through the embedding modules as in training. With a
 * momentum of 0.1, 100 batches leave 3e-5 of what there was; where no module has buffers, that is left out. With 0 they stay the ones of
 * training.
 *
 * Averages are in the run's state, `averages.<module>`, and are what `exportModel` of checkpoints writes. From `hooks.done` on modules hold them,
 * and when the run goes on the weights again. A run that ends before there is one says so by a warning of the process.
 *
 * @throws {OptionError} when an option is missing, unknown or out of range.
 * @throws {PluginError} when the trainer is made, and another plugin averages, too.
 * @see Izmailov et al., Averaging Weights Leads to Wider Optima and Better Generalization, arXiv:1803.05407, algorithm 1.
 */
export function stochasticWeightAveraging(options: StochasticWeightAveragingOptions): Plugin & Stateful {
  const name = 'stochasticWeightAveraging'
  expectKnownOptions(name, options, ['from', 'every', 'statisticsBatches'])
  const { from, every = 1, statisticsBatches = 100 } = options
  expectFixedNumber(name, 'from', from, { min: 0, integer: true, hint: 'Pass the number of epochs after which averaging begins.' })
  expectFixedNumber(name, 'every', every, { min: 1, integer: true })
  expectFixedNumber(name, 'statisticsBatches', statisticsBatches, { min: 0, integer: true })
  /** Weights in the mean, and the step for which running statistics were gathered last. */
  let [count, gathered] = [0, -1]

  return {
    name,
    settings: { from, every, statisticsBatches },
    apply(trainer) {
      const weights = trainer.keepAverages({ areShown: () => count > 0 })
      const hasBuffers = weights.some(({ isBuffer }) => isBuffer)
      trainer.hooks.batchEnd.tap({ name, stage: 'measure' }, ({ epoch, stepInEpoch, steps }) => {
        if (stepInEpoch < steps || epoch <= from || (epoch - from - 1) % every !== 0) return
        moveTowards(weights, 1 / (count + 1))
        count += 1
      })
      const gather = async (running: RunningTrainer) => {
        if (count === 0 || !hasBuffers || statisticsBatches === 0 || gathered === running.step) return
        gathered = running.step
        startFromTraining(weights)
        await gatherStatistics(name, running, statisticsBatches, weights)
      }
      trainer.hooks.evalStart.tapPromise({ name, stage: 'measure' }, (context) => gather(context.trainer))
      trainer.hooks.done.tapPromise({ name, stage: 'measure' }, (context) => {
        if (count === 0) globalThis.process?.emitWarning(`${name}: nothing was averaged. The run ended with epoch ${context.epoch}, and averaging begins after ${from + 1}: take a smaller \`from\`, or more epochs.`)
        return gather(context.trainer)
      })
    },
    state: (): State => ({ values: { count, gathered } }),
    restore({ values }: State) {
      const { count: before, gathered: at } = values ?? {}
      if (typeof before !== 'number' || typeof at !== 'number') throw new StateError({ who: name, wanted: 'the `count` of weights in its mean', got: String(before), fix: 'Restore what `state()` gave.' })
      count = before
      gathered = at
    },
  }
}

/**
 * Running statistics are copied: their mean would fit no weights. So are the first weights: whatever the average held, such as what a
 * run was saved with, is then gone to the last bit.
 */
function moveTowards(weights: readonly AveragedWeight[], share: number): void {
  tf.tidy(() => {
    for (const { weight, average, isBuffer } of weights) average.assign(isBuffer || share === 1 ? tf.clone<tf.Tensor>(weight) : tf.add(average, tf.mul(tf.sub(weight, average), share)))
  })
}

/** Modules, which hold the averages, take the running statistics of training, so that it does not matter when others were gathered. */
function startFromTraining(weights: readonly AveragedWeight[]): void {
  tf.tidy(() => {
    for (const { weight, average, isBuffer } of weights) if (isBuffer) weight.assign(tf.clone<tf.Tensor>(average))
  })
}

/** Has modules see random batches as in training, which moves their running statistics and nothing else. */
async function gatherStatistics(name: string, { options, embedding, step }: RunningTrainer, batches: number, weights: readonly AveragedWeight[]): Promise<void> {
  const averaged = new Set(weights.map(({ weight }) => weight))
  // Statistics of a module that is not trained are no part of the average, and stay.
  const modeOf = ({ buffers }: Module) => ({ training: buffers.size === 0 || [...buffers.values()].some((buffer) => averaged.has(buffer)) })
  const { dataset, sampler, seed = 0, chunkSize = Infinity } = options
  const samples = dataset.labels.length
  for (let batch = 0; batch < batches; batch++) {
    const random = Random.at(seed, name, step, batch)
    const rows = Int32Array.from({ length: Math.min(sampler.batchSize, samples, chunkSize) }, () => random.int(samples))
    const loaded = await dataset.load(rows, { seed, epoch: 1, batch, view: 0 })
    expectSamples(dataset.name, loaded, rows.length, dataset)
    tf.tidy(() => {
      const features = embedding.trunk.call(normalizeSamples(uploadSamples(loaded), dataset.normalization), modeOf(embedding.trunk))
      if (embedding.embedder) embedding.embedder.call(features, modeOf(embedding.embedder))
    })
    await turnOfEventLoop()
  }
}
