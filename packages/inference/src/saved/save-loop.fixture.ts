import * as tf from '@tensorflow/tfjs-core'
import { Embedder } from '@metric-learning/models'
import { InferenceModel } from '../inference-model.js'

// Saves one model after the other into a folder until it is ended from outside: number i has weights of i, and one reference, "i". Says
// "saved i" after each.
const trunk = new Embedder({ inputSize: 2, embeddingSize: 3 })
const model = new InferenceModel({ trunk, compile: false })
for (let number = 1; ; number++) {
  for (const variable of trunk.parameters.values()) variable.assign(tf.fill(variable.shape, number))
  await model.fit(tf.ones([1, 2]), { keys: [String(number)] })
  await model.save(process.argv[2]!)
  process.stdout.write(`saved ${number}\n`)
}
