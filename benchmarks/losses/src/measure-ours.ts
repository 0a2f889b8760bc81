// Measures forward and backward pass of one of our losses, compiled as the trainer does, alone in its process: prints
// one Measurement. `measure-ours.ts LOSS N BACKEND`
import * as tf from '@tensorflow/tfjs-core'
import { compileStep, useBackend } from '@metric-learning/backend'
import { Random, type LabelRelations, type Loss, type Miner } from '@metric-learning/contracts'
import { relationsOf } from '@metric-learning/ops'
import * as losses from '@metric-learning/losses'
import { MultiSimilarityMiner } from '@metric-learning/miners'
import { residentMemory, type MeasuredBackend } from '@metric-learning/peer'
import { embeddingSize, samplesPerClass, type Measurement, type MeasuredLoss } from './rows.js'

const [name, count, backend] = process.argv.slice(2) as [MeasuredLoss, string, MeasuredBackend]
const n = Number(count)
const numClasses = Number(/(\d+) classes/.exec(name)?.[1] ?? n)

await useBackend(backend, { log: () => undefined })
const { loss, miner } = make()
const random = new Random(0)
const embeddings = tf.variable(tf.tensor2d(Float32Array.from({ length: n * embeddingSize }, () => random.normal()), [n, embeddingSize]))
const labels = Array.from({ length: n }, (_, row) => Math.floor(row / samplesPerClass) % numClasses)
const variables = [embeddings as tf.Variable, ...loss.parameters.values()]

let relations: LabelRelations
const step = compileStep(() => {
  const { value, grads } = tf.variableGrads(() => {
    const selection = miner?.mine(embeddings, relations)
    return loss.compute(embeddings, relations, selection ? { selection } : {})
  }, variables)
  return [value, ...variables.map(({ name: variable }) => grads[variable]!)]
}, { fallback: 'throw', name })

const before = residentMemory('now')
// The first is recorded, rehearsed and run as a graph; one later is rehearsed again.
for (let recorded = 0; recorded < 3; recorded++) pass()
const times: number[] = []
const start = performance.now()
while (isWanted(times.length, performance.now() - start)) times.push(pass())
console.log(JSON.stringify({ times, memory: residentMemory('peak') - before } satisfies Measurement))

/** Passes for 2 seconds, 200 at most; slow ones three times, if that takes less than 20 seconds. */
function isWanted(passes: number, milliseconds: number): boolean {
  return passes === 0 || (passes < 200 && milliseconds < 2000) || (passes < 3 && milliseconds < 20_000)
}

function pass(): number {
  const from = performance.now()
  tf.tidy(() => {
    relations = relationsOf(labels)
    // Gradients are there with the value: a graph runs as a whole, and a read waits for all that a card was given before it.
    step(...relations.tensors)[0]!.dataSync()
  })
  return performance.now() - from
}

function make(): { loss: Loss; miner?: Miner } {
  const classes = { numClasses, embeddingSize }
  switch (name) {
    case 'TripletMarginLoss': return { loss: new losses.TripletMarginLoss() }
    case 'MultiSimilarityMiner + TripletMarginLoss': return { loss: new losses.TripletMarginLoss(), miner: new MultiSimilarityMiner() }
    case 'MultiSimilarityLoss': return { loss: new losses.MultiSimilarityLoss() }
    case 'ContrastiveLoss': return { loss: new losses.ContrastiveLoss() }
    case 'NTXentLoss': return { loss: new losses.NTXentLoss() }
    case 'SupConLoss': return { loss: new losses.SupConLoss() }
    case 'CircleLoss': return { loss: new losses.CircleLoss() }
    case 'LiftedStructureLoss': return { loss: new losses.LiftedStructureLoss() }
    case 'ArcFaceLoss, 200 classes':
    case 'ArcFaceLoss, 10000 classes': return { loss: new losses.ArcFaceLoss(classes) }
    case 'ProxyAnchorLoss, 200 classes':
    case 'ProxyAnchorLoss, 10000 classes': return { loss: new losses.ProxyAnchorLoss(classes) }
  }
}
