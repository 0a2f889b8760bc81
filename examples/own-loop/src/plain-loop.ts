import { existsSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import type { Module, Parameters } from '@metric-learning/contracts'
import { Adam } from '@metric-learning/core'
import { AccuracyCalculator } from '@metric-learning/evaluation'
import { embedDataset } from '@metric-learning/inference'
import { TripletMarginLoss } from '@metric-learning/losses'
import { MultiSimilarityMiner } from '@metric-learning/miners'
import { ConvNet, Embedder, loadModule, saveModule } from '@metric-learning/models'
import { normalizeSamples, uploadSamples } from '@metric-learning/ops'
import { MPerClassSampler } from '@metric-learning/samplers'
import type { LoopOptions } from './steps-of-trainer.js'

/** The parts alone, in plain TensorFlow.js: no trainer, no plugins. Gives the weights of the trunk's first layer and the metrics at the end. */
export async function plainLoop({ train, heldOut, folder, steps, say }: LoopOptions) {
  const trunk = new ConvNet({ inputChannels: train.sampleShape[2]!, width: 8, blocks: 3, seed: 0 })
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: 32, seed: 1 })
  const parameters = named({ trunk, embedder }, 'parameters')
  const sampler = new MPerClassSampler({ labels: train.labels, m: 4, batchSize: 16 })
  const [loss, miner] = [new TripletMarginLoss({ margin: 0.05 }), new MultiSimilarityMiner()]
  const optimizer = new Adam({ learningRate: 1e-3 })
  optimizer.prepare(parameters)

  // All that changes, in one file that is replaced at once: weights, running statistics, moments, the number of steps.
  const done = tf.tidy(() => tf.variable(tf.scalar(0), false))
  const buffers = new Map([...named({ trunk, embedder }, 'buffers'), ...optimizer.slots, ['done', done]])
  const run: Module = { name: 'run', parameters, buffers, outputSize: 32, call: (x) => x, dispose: () => undefined }
  const file = `${folder}/run.safetensors`
  if (existsSync(file)) await loadModule(run, file)

  for (let step = (await done.data())[0]!; step < steps; step++) {
    const { batchesPerEpoch } = sampler
    // What is drawn follows from the position, so that a run that goes on draws what it would have drawn.
    const rows = sampler.batch({ seed: 0, epoch: 1 + Math.floor(step / batchesPerEpoch), batch: step % batchesPerEpoch })
    const labels = [...rows].map((row) => train.labels[row]!)
    const loaded = await train.load(rows)
    const value = tf.tidy(() => {
      const samples = normalizeSamples(uploadSamples(loaded), train.normalization)
      const embed = () => embedder.call(trunk.call(samples, { training: true }), { training: true }) as tf.Tensor2D
      const { value, grads } = tf.variableGrads(() => {
        const embeddings = embed()
        return loss.compute(embeddings, labels, { selection: miner.mine(embeddings, labels) })
      }, [...parameters.values()])
      optimizer.apply(parameters, new Map([...parameters].map(([name, variable]) => [name, grads[variable.name]!])))
      done.assign(tf.scalar(step + 1))
      return value
    })
    if (step % 10 === 0) say(`step ${step + 1}: loss ${(await value.data())[0]!.toFixed(4)}`)
    value.dispose()
  }
  await saveModule(run, file)

  const { metrics } = await new AccuracyCalculator().getAccuracy({ query: await embedDataset({ trunk, embedder, dataset: heldOut }), queryLabels: heldOut.labels })
  say(`held out: P@1 ${metrics.precisionAt1}, MAP@R ${metrics.meanAveragePrecisionAtR}`)
  const weights = [...(await parameters.get('trunk.blocks.0.conv.weight')!.data())]
  for (const made of [trunk, embedder, optimizer, done]) made.dispose()
  return { weights, metrics }
}

/** The variables of modules, by qualified names. */
function named(modules: Readonly<Record<string, Module>>, kind: 'parameters' | 'buffers'): Parameters {
  return new Map(Object.entries(modules).flatMap(([name, module]) => [...module[kind]].map(([own, variable]) => [`${name}.${own}`, variable])))
}
