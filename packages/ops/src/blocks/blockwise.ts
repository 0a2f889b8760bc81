import * as tf from '@tensorflow/tfjs-core'
import { gradientsApart } from '../gradients/gradients-apart.js'
import type { Block, BlockInputs } from '@metric-learning/contracts'
import { rowBlock, rowBlockResults } from './map-row-blocks.js'

/**
 * A function of rows, differentiable, in blocks of rows one after the other: what a block needs in between is freed
 * before the next one, and computed again for the gradient. The results of the blocks are joined along their first axis.
 * Where one block takes all rows, it is called as it is.
 *
 * @param rows in a block
 * @param f knows no tensors but those that it is given, and is called more than once
 */
export function blockwise(inputs: BlockInputs, rows: number, f: (block: Block) => tf.Tensor): tf.Tensor {
  const { whole = [], constants = [] } = inputs
  const count = inputs.rows[0]!.shape[0]!
  if (rows >= count) return f({ rows: inputs.rows, whole, constants, start: 0 })
  const [ofRows, ofWhole] = [inputs.rows.length, whole.length]
  const compute = tf.customGrad((...args) => {
    const given = args.slice(0, -1) as tf.Tensor[]
    ;(args.at(-1) as tf.GradSaveFunc)([...given, ...constants])
    const results = rowBlockResults(rows, [...given.slice(0, ofRows), ...constants], (blocks, start) =>
      f({ rows: blocks.slice(0, ofRows), whole: given.slice(ofRows), constants: blocks.slice(ofRows), start }),
    )
    const sizes = results.map(({ shape }) => shape[0]!)
    return {
      value: tf.concat(results, 0),
      gradFunc: (dy, saved) => {
        const [split, shared, fixed] = [saved.slice(0, ofRows), saved.slice(ofRows, ofRows + ofWhole), saved.slice(ofRows + ofWhole)]
        const dys = tf.split(dy, sizes)
        let before: tf.Tensor[] = []
        const gradients = sizes.map((_, i) => {
          before = tf.tidy(() => {
            const blocks = rowBlock([...split, ...fixed], i * rows, rows, before)
            const [direction] = rowBlock([dys[i]!], 0, sizes[i]!, before)
            const g = (...at: tf.Tensor[]) => f({ rows: at.slice(0, ofRows), whole: at.slice(ofRows), constants: blocks.slice(ofRows), start: i * rows })
            return gradientsApart(g, [...blocks.slice(0, ofRows), ...shared], direction!)
          })
          return before
        })
        return [
          ...split.map((_, k) => tf.concat(gradients.map((each) => each[k]!), 0)),
          ...shared.map((_, k) => tf.addN(gradients.map((each) => each[ofRows + k]!))),
        ]
      },
    }
  })
  return compute(...inputs.rows, ...whole)
}
