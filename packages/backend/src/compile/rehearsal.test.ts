import { Adam } from '@metric-learning/core'
import type { StepFunction, WatchedStepFunction } from '@metric-learning/ops'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { loadedNativeBackend } from '../native/loaded-native-backend.js'
import { compileStep } from './compile-step.js'
import { recordStep, repeatsStep } from './record-step.js'

/** How many tensors come out of TensorFlow meanwhile. */
function resultsOf(work: () => void): number {
  const backend = loadedNativeBackend()!
  const create = vi.spyOn(backend as unknown as { createOutputTensor(): tf.Tensor }, 'createOutputTensor')
  try {
    work()
    return create.mock.calls.length
  } finally {
    create.mockRestore()
  }
}

function recorded(step: StepFunction, ...inputs: tf.Tensor[]) {
  const backend = loadedNativeBackend()!
  const watched: WatchedStepFunction = (...given) => ({ results: step(...given), asides: [] })
  const recording = recordStep(backend, watched, inputs)
  return { repeats: () => repeatsStep(backend, watched, inputs, recording) }
}

describe.runIf(tf.getBackend() === 'tensorflow')('A rehearsal', () => {
  function training() {
    const w = tf.variable(tf.tensor2d([0.3, -0.7, 1.1, 0.2], [2, 2]))
    const adam = new Adam({ learningRate: 0.1 })
    const settings = { power: 2 }
    onTestFinished(() => {
      w.dispose()
      adam.dispose()
    })
    const step = (x: tf.Tensor): tf.Tensor[] => {
      const loss = () => tf.mean(tf.pow(tf.sum(tf.stack(tf.unstack(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D))), 1), settings.power)) as tf.Scalar
      const { value, grads } = tf.variableGrads(loss, [w])
      adam.apply(new Map([['w', w]]), new Map([['w', grads[w.name]!]]))
      return [value]
    }
    return { w, adam, step, settings, x: tf.tensor2d([1, 2, 3, 4], [2, 2]) }
  }

  it('sees that a training step does the same, and computes nothing for it', () => {
    const { step, x, w } = training()
    const first = recorded((input) => step(input!), x)
    expect(first.repeats(), 'slots are there now').toBe(false)
    const { repeats } = recorded((input) => step(input!), x)
    expect(resultsOf(() => tf.square(2))).toBe(1)
    const [before, tensors] = [[...w.dataSync()], tf.memory().numTensors]
    let same = false
    expect(resultsOf(() => (same = repeats()))).toBe(0)
    expect([same, [...w.dataSync()], tf.memory().numTensors]).toEqual([true, before, tensors])
  })

  it('ends with the first operation that is another one, in the midst of a gradient, and leaves tfjs whole', () => {
    const { step, x, settings, w } = training()
    recorded((input) => step(input!), x)
    const { repeats } = recorded((input) => step(input!), x)
    settings.power = 3
    const tensors = tf.memory().numTensors
    expect([repeats(), tf.memory().numTensors]).toEqual([false, tensors])
    settings.power = 2
    expect(repeats()).toBe(true)
    expect([...tf.grad((v: tf.Tensor) => tf.square(v))(tf.scalar(3)).dataSync()]).toEqual([6])
    expect(w.isDisposed).toBe(false)
  })

  const pooled = (x: tf.Tensor, ksize: number[]) => {
    const { binding } = loadedNativeBackend()!
    const attribute = (name: string, type: number, value: number | string | number[]) => ({ name, type, value })
    return loadedNativeBackend()!.executeSingleOutput(
      'MaxPool',
      [
        attribute('T', binding.TF_ATTR_TYPE, binding.TF_FLOAT),
        attribute('ksize', binding.TF_ATTR_INT, ksize),
        attribute('strides', binding.TF_ATTR_INT, [1, 1, 1, 1]),
        attribute('padding', binding.TF_ATTR_STRING, 'VALID'),
      ],
      [x],
    ) as tf.Tensor
  }
  const [one, other] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(1))]
  const ksize = [1, 1, 1, 1]
  const differences: Readonly<Record<string, (x: tf.Tensor, isOther: boolean) => tf.Tensor>> = {
    'the operation': (x, isOther) => (isOther ? tf.sin(x) : tf.cos(x)),
    'an attribute': (_, isOther) => tf.matMul(tf.zeros([2, 2]), tf.zeros([2, 2]), isOther),
    'a list that is changed where it lies': (_, isOther) => {
      ksize[1] = isOther ? 2 : 1
      return pooled(tf.zeros([1, 2, 2, 1]), ksize)
    },
    'the order of inputs': (x, isOther) => (isOther ? tf.sub(x, tf.neg(x)) : tf.sub(tf.neg(x), x)),
    'the last bit of a constant': (x, isOther) => tf.mul(x, isOther ? Math.fround(1 + 2 ** -23) : 1),
    'the sign of a zero': (x, isOther) => tf.mul(x, isOther ? -0 : 0),
    'the type of a constant': (_, isOther) => tf.clone(tf.neg(isOther ? tf.tensor1d([0], 'int32') : tf.tensor1d([0]))),
    'the shape of a constant': (_, isOther) => tf.sum(tf.zeros(isOther ? [1, 2] : [2, 1])),
    'the variable': (x, isOther) => tf.mul(x, isOther ? other : one),
    'another operation at the end': (x, isOther) => {
      const y = tf.neg(x)
      if (isOther) tf.neg(y)
      return y
    },
    'one operation less at the end': (x, isOther) => {
      const y = tf.neg(x)
      if (!isOther) tf.neg(y)
      return y
    },
    'which result it returns': (x, isOther) => {
      const results = [tf.neg(x), tf.neg(x)]
      return results[isOther ? 1 : 0]!
    },
    'which variable it assigns': (x, isOther) => {
      const next = tf.neg(x as tf.Scalar)
      ;(isOther ? other : one).assign(next)
      return next
    },
  }

  it.each(Object.entries(differences))('sees that it differs: %s', (_, step) => {
    let isOther = false
    const { repeats } = recorded((x) => [step(x!, isOther)], tf.scalar(1))
    expect(repeats()).toBe(true)
    isOther = true
    expect(repeats()).toBe(false)
    isOther = false
    expect(repeats()).toBe(true)
  })

  it('is not misled by code that swallows the error with which it ends', () => {
    let other = false
    const { repeats } = recorded((x) => {
      if (!other) return [tf.mul(x!, 2)]
      try {
        tf.mul(x!, 3)
      } catch {
        return [x!]
      }
      return [tf.mul(x!, 2)]
    }, tf.scalar(1))
    other = true
    expect(repeats()).toBe(false)
  })

  it('ends when the step reads a value, makes a variable, or returns something else', () => {
    let what = ''
    const made: tf.Variable[] = []
    const { repeats } = recorded((x) => {
      const y = tf.add(x!, 1)
      if (what === 'reads') y.dataSync()
      if (what === 'makes') made.push(tf.variable(tf.scalar(1)))
      return what === 'returns' ? [x!] : [y]
    }, tf.scalar(1))
    for (what of ['reads', 'makes', 'returns']) expect(repeats(), what).toBe(false)
    expect(made).toEqual([])
    what = ''
    expect(repeats()).toBe(true)
  })

  it('leaves tensors with values to whoever keeps some, and the step compiled', () => {
    let kept: tf.Tensor | undefined
    const run = compileStep(
      (x) => {
        kept?.dispose()
        kept = tf.keep(tf.mul(x!, 2))
        return [tf.add(kept, 1)]
      },
      { fallback: 'throw' },
    )
    onTestFinished(() => {
      run.dispose()
      kept?.dispose()
    })
    for (let i = 0; i < 12; i++) {
      expect(run(tf.scalar(i))[0]!.dataSync()[0]).toBe(2 * i + 1)
      expect(kept!.dataSync()[0]! % 2).toBe(0)
    }
    expect(run.graphs).toBe(1)
  })
})
