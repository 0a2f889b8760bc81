// Runs in a browser: a loss, its gradient, a training step, on WebGL. Bundled by Vite, in the test beside it.
import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import { ContrastiveLoss } from '@metric-learning/losses'
import { toPage } from './on-page.js'

const labels = [0, 0, 1, 1, 2, 2]

toPage(async (given) => {
  await tf.setBackend('webgl')
  await tf.ready()
  const loss = new ContrastiveLoss({ negMargin: 0.5 })
  const embeddings = tf.tensor2d(given.embeddings)
  const { value, grad } = tf.valueAndGrad((x) => loss.compute(x as tf.Tensor2D, labels))(embeddings)

  const matrix = tf.variable<tf.Rank.R2>(tf.tensor2d(given.matrix))
  const optimizer = tf.train.sgd(0.1)
  const step = () => optimizer.minimize(() => loss.compute(tf.matMul(embeddings, matrix as tf.Tensor2D), labels), true, [matrix])!
  const losses: number[] = []
  step().dispose() // what an optimizer and a backend keep is there from here on
  const before = tf.memory().numTensors
  for (let i = 0; i < 20; i++) {
    const cost = step()
    losses.push((await cost.data())[0]!)
    cost.dispose()
  }
  return { backend: tf.getBackend(), value: (await value.data())[0]!, gradient: [...(await grad.data())], losses, leaked: tf.memory().numTensors - before }
})
