import * as tf from '@tensorflow/tfjs-core'
import type { Block, BlockInputs } from '@metric-learning/contracts'
import { gradientsApart, isTaped } from '../gradients/gradients-apart.js'
import { withGradients } from '../gradients/with-gradients.js'
import { rowBlock, rowBlockResults } from './map-row-blocks.js'

type Inputs = Required<BlockInputs>
type BlockFunction = (block: Block) => tf.Tensor

/**
 * A function of rows, differentiable, in blocks of rows one after the other: what a block needs in between is freed
 * before the next one, and computed again for the gradient. The results of the blocks are joined along their first axis.
 * Where one block takes all rows, it is called as it is.
 *
 * @param rows in a block
 * @param f knows no tensors but those that it is given, and is called more than once
 */
export function blockwise(given: BlockInputs, rows: number, f: BlockFunction): tf.Tensor {
  const inputs = { whole: [], constants: [], ...given }
  if (rows >= countOf(inputs)) return f({ ...inputs, start: 0 })
  return withGradients(differentiable(inputs), (save) => {
    save([...differentiable(inputs), ...inputs.constants])
    const results = valuesOfBlocks(inputs, rows, f)
    const sizes = results.map(({ shape }) => shape[0]!)
    return {
      value: tf.concat(results, 0),
      gradients(dy, saved) {
        const dys = tf.split(dy, sizes)
        const again = sorted(saved, inputs)
        const dyOf = (i: number, before: readonly tf.Tensor[]) => rowBlock([dys[i]!], 0, sizes[i]!, before)[0]!
        const gradientsOf = (wanted: readonly number[]) => tf.tidy(() => gradientsOfBlocks(again, rows, wanted, [f], dyOf)[0]!.gradients)
        const together = alongside(inputs)
        const ofTogether = gradientsOf(together)
        return differentiable(inputs).map((_, k) => () => (together.includes(k) ? ofTogether[together.indexOf(k)]! : gradientsOf([k])[0]!))
      },
    }
  })
}

/**
 * What functions give of blocks of rows, added up: float32 [functions, 2], of each a number that is differentiable and a constant.
 * Blocks are as those of {@link blockwise}, but nothing is computed twice for the gradients of the rows: they are worked out along
 * with the sums, while all that a block needs is there. A graph computes what several functions make of a block alike once.
 *
 * @param rows in a block
 * @param functions each gives float32 [2]; they know no tensors but those that they are given, and may be called more than once
 */
export function sumsOfBlocks(given: BlockInputs, rows: number, functions: readonly ((block: Block) => tf.Tensor1D)[]): tf.Tensor2D {
  const inputs = { whole: [], constants: [], ...given }
  if (rows >= countOf(inputs)) return tf.stack(functions.map((f) => f({ ...inputs, start: 0 }))) as tf.Tensor2D
  const [together, hasTape] = [alongside(inputs), isTaped()]
  return withGradients<tf.Tensor2D>(differentiable(inputs), (save) => {
    // Without a tape, of nothing.
    const results = gradientsOfBlocks(inputs, rows, hasTape ? together : [], functions)
    save([...results.flatMap(({ gradients }) => gradients), ...differentiable(inputs), ...inputs.constants])
    return {
      value: tf.stack(results.map(({ sum }) => sum!)),
      gradients(dy, saved) {
        const along = tf.unstack(tf.reshape(tf.slice(dy, [0, 0], [-1, 1]), [-1]))
        const count = functions.length * together.length
        const again = sorted(saved.slice(count), inputs)
        const gradientsOf = (k: number) =>
          together.includes(k)
            ? functions.map((_, i) => saved[i * together.length + together.indexOf(k)]!)
            : gradientsOfBlocks(again, rows, [k], functions).map(({ gradients }) => gradients[0]!)
        return differentiable(inputs).map((_, k) => () => tf.addN(gradientsOf(k).map((gradient, i) => tf.mul(gradient, along[i]!))))
      },
    }
  })
}

const countOf = ({ rows }: Inputs): number => rows[0]!.shape[0]!

/** What gradients flow to: rows, then what is handed over whole. */
const differentiable = ({ rows, whole }: Inputs): tf.Tensor[] => [...rows, ...whole]

/** Those of them whose gradients come together: rows, and what is whole and the very rows. Others, such as a memory, may want none. */
const alongside = ({ rows, whole }: Inputs): number[] =>
  [...rows.keys(), ...[...whole.keys()].filter((k) => rows.includes(whole[k]!)).map((k) => rows.length + k)]

/** Tensors that were saved in order, as inputs. */
function sorted(saved: readonly tf.Tensor[], { rows, whole }: Inputs): Inputs {
  const ofWhole = rows.length + whole.length
  return { rows: saved.slice(0, rows.length), whole: saved.slice(rows.length, ofWhole), constants: saved.slice(ofWhole) }
}

function valuesOfBlocks({ rows, whole, constants }: Inputs, size: number, f: BlockFunction): tf.Tensor[] {
  return rowBlockResults<tf.Tensor, tf.Tensor>(size, [...rows, ...constants], (blocks, start) =>
    f({ rows: blocks.slice(0, rows.length), whole, constants: blocks.slice(rows.length), start }),
  )
}

/** What blocks gave, one after the other. */
interface OfBlocks {
  /** Those of rows joined, the others added up; in the order in which they are wanted. */
  readonly gradients: tf.Tensor[]
  /** Of what the blocks gave. */
  readonly sum?: tf.Tensor
}

/**
 * @param wanted numbers among what is {@link differentiable}, ascending: rows come first
 * @param dyOf the direction of a block; without, the first of the numbers that the functions give, which are added up
 */
function gradientsOfBlocks(
  inputs: Inputs,
  size: number,
  wanted: readonly number[],
  functions: readonly BlockFunction[],
  dyOf?: (i: number, before: readonly tf.Tensor[]) => tf.Tensor,
): OfBlocks[] {
  const { rows, whole, constants } = inputs
  const joinedCount = wanted.filter((k) => k < rows.length).length
  const joined = functions.map(() => Array.from({ length: joinedCount }, (): tf.Tensor[] => []))
  let totals: tf.Tensor[][] = functions.map(() => [])
  for (let start = 0; start < countOf(inputs); start += size) {
    const before = [...joined.flat().flatMap((each) => each.slice(-1)), ...totals.flat()]
    const given = tf.tidy(() => {
      const blocks = rowBlock([...rows, ...constants], start, size, before)
      const all = [...blocks.slice(0, rows.length), ...whole]
      return functions.map((f, i) => tf.tidy(() => {
        const along = (...at: tf.Tensor[]) => {
          const moved = all.map((tensor, k) => at[wanted.indexOf(k)] ?? tensor)
          return f({ rows: moved.slice(0, rows.length), whole: moved.slice(rows.length), constants: blocks.slice(rows.length), start })
        }
        const at = wanted.map((k) => all[k]!)
        const { value, gradients } = at.length === 0 ? { value: along(), gradients: [] } : gradientsApart(along, at, dyOf ? dyOf(start / size, before) : tf.tensor1d([1, 0]))
        const results = dyOf ? gradients : [...gradients, value]
        return results.map((each, j) => (j < joinedCount || totals[i]!.length === 0 ? each : tf.add(each, totals[i]![j - joinedCount]!)))
      }))
    })
    tf.dispose(totals)
    given.forEach((results, i) => joined[i]!.forEach((each, j) => each.push(results[j]!)))
    totals = given.map((results) => results.slice(joinedCount))
  }
  return functions.map((_, i) => {
    const gradients = [...joined[i]!.map((each) => tf.concat(each, 0)), ...totals[i]!]
    return dyOf ? { gradients } : { gradients: gradients.slice(0, -1), sum: gradients.at(-1)! }
  })
}
