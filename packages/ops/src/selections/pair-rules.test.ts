import * as tf from '@tensorflow/tfjs-core'
import type { PairWeights } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { relationsOf } from '../labels/relations.js'
import { countSelected } from './count-selected.js'
import { CountedRule } from './counted-rule.js'
import { expectSelection } from './expect-selection.js'
import { isEmptySelection } from './is-empty-selection.js'
import { mapPairs, pairsByRule, ruleOf } from './pair-rules.js'
import { indicesFromSelection } from './selection-indices.js'

const relations = relationsOf([0, 0, 1])
const [positive, negative] = [tf.tensor2d([[0, 2, 0], [0, 0, 0], [0, 0, 0]]), tf.tensor2d([[0, 0, 0], [0, 0, 0], [1, 1, 0]])]
let formed = 0
const byRule = () => pairsByRule({
  referenceCount: 3,
  constants: [positive, negative],
  whole: [],
  weights: ({ constants: [ofPositives, ofNegatives] }) => {
    formed += 1
    return { positive: tf.mul(ofPositives!, 1), negative: tf.mul(ofNegatives!, 1) }
  },
})

describe('Pairs by a rule', () => {
  it('are formed when somebody asks, once within a tidy, and by no one who looks for tensors', async () => {
    formed = 0
    const selection = tf.tidy(() => byRule() as unknown as tf.TensorContainer) as unknown as ReturnType<typeof byRule>
    expectSelection('Test', selection, relations)
    expect([formed, positive.isDisposed]).toEqual([0, false])
    tf.tidy(() => {
      expect([selection.positive.arraySync(), selection.negative.arraySync()]).toEqual([positive.arraySync(), negative.arraySync()])
      expect(formed).toBe(1)
    })
    const { numTensors } = tf.memory()
    tf.tidy(() => {
      expect(selection.negative.arraySync()).toEqual(negative.arraySync())
    })
    expect([formed, tf.memory().numTensors]).toEqual([2, numTensors])
    tf.engine().startScope()
    expect(await indicesFromSelection(selection)).toEqual({ anchor1: [0, 0], positive: [1, 1], anchor2: [2, 2], negative: [0, 1] })
    tf.engine().endScope()
  })

  it('count as their tables do', () => {
    const { numPosPairs, numNegPairs } = countSelected(byRule())
    expect([numPosPairs!.dataSync()[0], numNegPairs!.dataSync()[0]]).toEqual([2, 2])
    for (const [compares, isEmpty] of [['pairs', 0], ['bothPairs', 0], ['triplets', 1]] as const) {
      expect(isEmptySelection(byRule(), relations, compares).dataSync()[0]).toBe(isEmpty)
      expect(isEmptySelection({ kind: 'pairs', positive, negative }, relations, compares).dataSync()[0]).toBe(isEmpty)
    }
  })

  it('are counted while a loss forms them, some anchors at a time', () => {
    for (const [compares, isEmpty] of [['pairs', 0], ['bothPairs', 0], ['triplets', 1]] as const) {
      tf.tidy(() => {
        const counted = CountedRule.of(byRule(), compares)!
        expect(counted.total).toBeUndefined()
        const { constants, whole, weights } = ruleOf(counted.selection as ReturnType<typeof byRule>)!
        for (const start of [0, 1, 2]) weights({ constants: constants.map((tensor) => tf.slice(tensor, start, 1)), whole, start })
        expect(isEmptySelection(counted.selection, relations, compares, counted.total).dataSync()[0]).toBe(isEmpty)
        counted.dispose()
      })
    }
  })

  it('are changed by a rule, and a copy with other weights goes by these', () => {
    const half = ({ positive: ofPositives, negative: ofNegatives }: PairWeights, [factor]: readonly tf.Tensor[]): PairWeights =>
      ({ positive: tf.mul(ofPositives, factor!), negative: ofNegatives })
    const factors = tf.tensor2d([[0.5], [1], [1]])
    const changed = mapPairs(byRule(), [factors], half)
    expect(ruleOf(changed)).toBeDefined()
    const tables = mapPairs({ kind: 'pairs', positive, negative }, [factors], half)
    expect(ruleOf(tables)).toBeUndefined()
    for (const each of [changed, tables]) expect(each.positive.arraySync()).toEqual([[0, 1, 0], [0, 0, 0], [0, 0, 0]])
    const copy = { ...byRule(), positive: negative, negative: positive }
    expect(ruleOf(copy)).toBeUndefined()
    expect(countSelected(copy)['numPosPairs']!.dataSync()[0]).toBe(2)
  })

  it('are refused where they are none of these anchors and references', () => {
    expect(() => { expectSelection('Test', byRule(), { queryCount: 4, referenceCount: 3 }) }).toThrow('Test: wanted `selection.rule.constants`')
    expect(() => { expectSelection('Test', byRule(), { queryCount: 3, referenceCount: 5 }) }).toThrow('`selection` among 5 references')
  })
})
