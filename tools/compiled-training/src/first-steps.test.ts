import * as tf from '@tensorflow/tfjs-core'
import { Adam, type Objective } from '@metric-learning/core'
import type { CompileMode } from '@metric-learning/ops'
import { ArcFaceLoss, TripletMarginLoss } from '@metric-learning/losses'
import { MultiSimilarityMiner } from '@metric-learning/miners'
import { describe, expect, it } from 'vitest'
import { CLASSES, EMBEDDING_SIZE, smallRun, STEPS } from './small-run.js'

const objectives: Readonly<Record<string, () => Objective>> = {
  'Triplet with MultiSimilarityMiner': () => ({ loss: new TripletMarginLoss({ margin: 0.2 }), miner: new MultiSimilarityMiner() }),
  ArcFace: () => ({
    loss: new ArcFaceLoss({ numClasses: CLASSES, embeddingSize: EMBEDDING_SIZE, seed: 0 }),
    optimizer: new Adam({ learningRate: 1e-2 }),
  }),
}

describe.runIf(tf.getBackend() === 'tensorflow')('Compiled and eager training', () => {
  for (const [name, objective] of Object.entries(objectives)) {
    it(`are the same for 50 steps, bit for bit, and end in the same metrics: ${name}`, async () => {
      const run = (compile: CompileMode) => smallRun(objective(), { epochs: 50 / STEPS, compile, evaluate: true })
      const [compiled, eager] = [await run('require'), await run(false)]
      expect(compiled.losses).toHaveLength(50)
      expect(compiled.losses).toEqual(eager.losses)
      expect(compiled.parameters).toEqual(eager.parameters)
      expect(new Set(compiled.losses).size, 'losses that move').toBeGreaterThan(45)

      // Evaluations may differ in last bits: in a graph, convolution and batch norm become one operation.
      const [before, after] = compiled.metrics
      expect(after!['meanAveragePrecisionAtR']).toBeGreaterThan(before!['meanAveragePrecisionAtR']! + 0.05)
      for (const metric of Object.keys(after!)) expect(after![metric], metric).toBeCloseTo(eager.metrics[1]![metric]!, 3)
    })
  }
})
