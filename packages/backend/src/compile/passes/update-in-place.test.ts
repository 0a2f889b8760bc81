import * as tf from '@tensorflow/tfjs-core'
import type { Optimizer } from '@metric-learning/contracts'
import { Adam, AdamW, RMSprop, SGD } from '@metric-learning/core'
import { noteUpdate } from '@metric-learning/ops'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { describe, expect, it } from 'vitest'
import { compileStep } from '../compile-step.js'
import { GraphRecorder } from '../graph-recorder.js'
import { removeDeadNodes } from './remove-dead-nodes.js'
import { updateInPlace } from './update-in-place.js'

const makers: Readonly<Record<string, () => Optimizer>> = {
  Adam: () => new Adam({ learningRate: 0.05 }),
  'Adam with weight decay': () => new Adam({ learningRate: 0.05, weightDecay: 0.1, epsilon: 1e-3 }),
  AdamW: () => new AdamW({ learningRate: 0.05, beta1: 0.8, weightDecay: 0.1 }),
  SGD: () => new SGD({ learningRate: 0.1, weightDecay: 0.2 }),
  'SGD with momentum': () => new SGD({ learningRate: 0.1, momentum: 0.9 }),
  'SGD with Nesterov’s momentum': () => new SGD({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
  RMSprop: () => new RMSprop({ learningRate: 0.05, momentum: 0.5, centered: true }),
}

/** Two parameters with gradients that depend on them and on x, an optimizer, and something that follows the update. */
function training(optimizer: Optimizer, afterwards: (w: tf.Variable) => void = () => undefined) {
  const w = tf.variable(tf.randomNormal([37, 3], 0, 1, 'float32', 1))
  const b = tf.variable(tf.randomNormal([5], 0, 1, 'float32', 2))
  const parameters = new Map<string, tf.Variable>([['w', w], ['b', b]])
  const step = (x: tf.Tensor): tf.Tensor[] => {
    const sum = tf.sum(w)
    const gradients = new Map<string, tf.Tensor>([['w', tf.sin(tf.mul(w, x))], ['b', tf.cos(tf.add(b, x))]])
    optimizer.apply(parameters, gradients)
    afterwards(w)
    return [sum]
  }
  const dispose = () => {
    tf.dispose([w, b])
    optimizer.dispose()
  }
  return { w, b, step, dispose }
}

function valuesAfter(optimizer: Optimizer, isCompiled: boolean, afterwards?: (w: tf.Variable) => void): number[][] {
  const { w, b, step, dispose } = training(optimizer, afterwards)
  const run = isCompiled ? compileStep((x) => step(x!), { fallback: 'throw' }) : step
  const sums = Array.from({ length: 8 }, (_, i) => tf.tidy(() => run(tf.scalar(i / 3))[0]!.dataSync()[0]!))
  const values = [sums, ...[w, b, ...optimizer.slots.values()].map((variable) => [...variable.dataSync()])]
  if ('dispose' in run) run.dispose()
  dispose()
  return values
}

/** Operations of the graph that is left of a step in which everything has been made before. */
function operationsOf(optimizer: Optimizer, afterwards?: (w: tf.Variable) => void): string[] {
  const { step, dispose } = training(optimizer, afterwards)
  const x = tf.scalar(1)
  tf.dispose(step(x))
  const recorder = new GraphRecorder(tf.backend() as NodeJSKernelBackend, [x])
  const { outputs, graph } = recorder.record(() => tf.tidy(() => step(x)))
  const left = removeDeadNodes(updateInPlace(graph))
  tf.dispose([x, ...outputs])
  dispose()
  return [...left.nodes, ...left.updates.flatMap(({ nodes }) => nodes)].map(({ op }) => op)
}

describe.runIf(tf.getBackend() === 'tensorflow')('updateInPlace', () => {
  it.each(Object.keys(makers))('%s gives the same bits, compiled and as it is', (name) => {
    expect(valuesAfter(makers[name]!(), true)).toEqual(valuesAfter(makers[name]!(), false))
  })

  it('carries out known rules on the variables', () => {
    expect(operationsOf(new Adam()).filter((op) => op === 'ResourceApplyAdam')).toHaveLength(2)
    expect(operationsOf(new AdamW()).filter((op) => op === 'AssignSubVariableOp')).toHaveLength(2)
    expect(operationsOf(new SGD({ momentum: 0.9 }))).toContain('ResourceApplyMomentum')
    expect(operationsOf(new SGD())).toContain('ResourceApplyGradientDescent')
  })

  it('drops what is joined for an update that it does not need', () => {
    expect(operationsOf(new Adam())).not.toContain('ConcatV2')
    expect(operationsOf(new RMSprop())).toContain('ConcatV2')
  })

  describe('of an average', () => {
    /** The values of an average of w behind an optimizer, and the operations of a step. */
    function averaged(isCompiled: boolean, afterwards: (w: tf.Variable) => void = () => undefined, optimizer: Optimizer = new Adam({ learningRate: 0.05 })) {
      const average = tf.variable(tf.randomNormal([37, 3], 0, 1, 'float32', 3), false)
      const move = (w: tf.Variable) => {
        const share = tf.scalar(0.1)
        const next = tf.add(average, tf.mul(tf.sub(w, average), share))
        noteUpdate({ rule: { name: 'average', share, of: w }, variables: [average], next: [next] })
        average.assign(next)
        afterwards(w)
      }
      const values = [valuesAfter(optimizer, isCompiled, move), [...average.dataSync()]]
      const operations = isCompiled ? operationsOf(new Adam(), move) : []
      average.dispose()
      return { values, operations }
    }
    const halve = (w: tf.Variable) => {
      w.assign(tf.mul(w, 0.5))
    }

    it('reads what the update before it has left, and gives the same bits', () => {
      const { values, operations } = averaged(true)
      expect(values).toEqual(averaged(false).values)
      expect(operations.filter((op) => op === 'ResourceApplyGradientDescent')).toHaveLength(1)
      expect(operations).not.toContain('ConcatV2')
      // One whose rule is not known is assigned, and read after that.
      const assigned = () => new RMSprop({ learningRate: 0.05 })
      expect(averaged(true, undefined, assigned()).values).toEqual(averaged(false, undefined, assigned()).values)
    })

    it('is computed from what was there where the other variable is assigned once more', () => {
      const { values, operations } = averaged(true, halve)
      expect(values).toEqual(averaged(false, halve).values)
      expect(operations).not.toContain('ResourceApplyGradientDescent')
    })

    it('takes a variable that nobody changes as it is', () => {
      const run = (isCompiled: boolean) => {
        const [x, average] = [tf.variable(tf.tensor1d([1, 2])), tf.variable(tf.tensor1d([3, 5]), false)]
        const step = (share: tf.Tensor) => {
          const next = tf.add<tf.Tensor1D>(average, tf.mul(tf.sub(x, average), share))
          noteUpdate({ rule: { name: 'average', share, of: x }, variables: [average], next: [next] })
          average.assign(next)
          return [tf.scalar(0)]
        }
        const compiled = isCompiled ? compileStep((share) => step(share!), { fallback: 'throw' }) : undefined
        for (let i = 0; i < 3; i++) tf.tidy(() => (compiled ?? step)(tf.scalar(0.25)))
        const values = [...average.dataSync()]
        compiled?.dispose()
        tf.dispose([x, average])
        return values
      }
      expect(run(true)).toEqual(run(false))
    })
  })

  it('leaves a parameter alone that is assigned once more after the update', () => {
    const halve = (w: tf.Variable) => {
      w.assign(tf.mul(w, 0.5))
    }
    expect(operationsOf(new Adam(), halve).filter((op) => op === 'ResourceApplyAdam')).toHaveLength(1)
    expect(valuesAfter(new Adam(), true, halve)).toEqual(valuesAfter(new Adam(), false, halve))
  })
})
