import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { exportSavedModel, type ExportSavedModelOptions } from '@metric-learning/backend'
import { Random, type Module } from '@metric-learning/contracts'
import { normalizeSamples } from '@metric-learning/ops'
import { ConvNet, Embedder, MLP, ResNet18 } from '@metric-learning/models'

interface Case {
  readonly name: string
  readonly modules: readonly Module[]
  /** Samples to compare. */
  readonly batch: number
  readonly options: ExportSavedModelOptions
}

/** Exports networks, and writes samples beside the embeddings that they give here. */
export async function writeCases(folder: string): Promise<void> {
  const written = []
  for (const { name, modules, batch, options } of cases()) {
    await exportSavedModel(modules, join(folder, name), options)
    const random = new Random(7)
    const shape = [batch, ...options.sampleShape]
    const values = Array.from({ length: tf.util.sizeFromShape(shape) }, () =>
      options.normalization ? random.int(256) : random.normal(),
    )
    const dtype = options.normalization ? 'int32' : 'float32'
    const embeddings = tf.tidy(() => {
      const inputs = normalizeSamples(tf.tensor(values, shape, dtype), options.normalization)
      return modules.reduce<tf.Tensor>((x, module) => module.call(x, { training: false }), inputs)
    })
    written.push({ name, shape, dtype, samples: values, embeddings: await embeddings.array() })
    for (const module of modules) module.dispose()
  }
  writeFileSync(join(folder, 'cases.json'), JSON.stringify(written))
}

function cases(): Case[] {
  const embedded = (trunk: ConvNet | ResNet18, seed: number): Module[] => {
    moveStatistics(trunk)
    return [trunk, new Embedder({ inputSize: trunk.outputSize, embeddingSize: 16, seed })]
  }
  const net = (inputChannels: number, seed: number) => embedded(new ConvNet({ inputChannels, width: 8, seed }), seed)
  const normalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
  return [
    { name: 'values', modules: net(1, 1), batch: 7, options: { sampleShape: [28, 28, 1] } },
    { name: 'one-sample', modules: net(1, 2), batch: 1, options: { sampleShape: [28, 28, 1] } },
    { name: 'pixels', modules: net(3, 3), batch: 5, options: { sampleShape: [32, 24, 3], normalization } },
    { name: 'fixed-batch', modules: net(1, 4), batch: 4, options: { sampleShape: [28, 28, 1], batchSize: 4 } },
    { name: 'resnet18', modules: embedded(new ResNet18({ seed: 6 }), 6), batch: 3, options: { sampleShape: [40, 32, 3], normalization } },
    { name: 'mlp', modules: [new MLP({ inputSize: 10, hiddenSizes: [20], outputSize: 6, seed: 5 })], batch: 9, options: { sampleShape: [10] } },
  ]
}

/** Running statistics and scales as after training; fresh ones would hide a wrong batch norm. */
function moveStatistics({ parameters, buffers }: Module): void {
  const random = new Random(11)
  for (const [name, variable] of [...parameters, ...buffers]) {
    if (variable.rank !== 1) continue
    const isPositive = name.endsWith('running_var')
    const values = Array.from({ length: variable.size }, () => (isPositive ? 0.1 + random.uniform() : random.normal()))
    variable.assign(tf.tensor1d(values))
  }
}
