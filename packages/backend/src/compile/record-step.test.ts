import { Adam } from '@metric-learning/core'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadedNativeBackend } from '../native/loaded-native-backend.js'
import { compileStep } from './compile-step.js'
import { recordStep } from './record-step.js'

const bits = (variable: tf.Tensor) => [...new Uint32Array(variable.dataSync<'float32'>().slice().buffer)]

function regression() {
  const w = tf.variable(tf.tensor2d([0.3, -0.7, 1.1, 0.2], [2, 2]))
  const adam = new Adam({ learningRate: 0.1 })
  onTestFinished(() => {
    w.dispose()
    adam.dispose()
  })
  const step = (x: tf.Tensor, y: tf.Tensor): tf.Tensor[] => {
    const { value, grads } = tf.variableGrads(() => tf.mean(tf.square(tf.sub(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), y))), [w])
    adam.apply(new Map([['w', w]]), new Map([['w', grads[w.name]!]]))
    return [value]
  }
  const batch = (i: number) => [tf.tensor2d([i, 1, 2, -i], [2, 2]), tf.tensor2d([1, i, 0, 3], [2, 2])] as const
  return { w, adam, step, batch, state: () => [w, ...adam.slots.values()].map(bits) }
}

const record = (step: (...inputs: tf.Tensor[]) => tf.Tensor[], ...inputs: tf.Tensor[]) => 
  recordStep(loadedNativeBackend()!, (...given) => ({ results: step(...given), asides: [] }), inputs)

describe.runIf(tf.getBackend() === 'tensorflow')('recordStep', () => {
  it('leaves parameters and slots as they were, new slots as they were made, and no tensor behind', () => {
    const { w, adam, step, batch, state } = regression()
    const [x, y] = batch(1)
    const before = bits(w)
    record(() => step(x, y), x, y)
    expect(bits(w)).toEqual(before)
    expect([...adam.slots.keys()]).toEqual(['correction1', 'correction2', 'w.m', 'w.v'])
    for (const slot of adam.slots.values()) expect(bits(slot).every((bit) => bit === 0)).toBe(true)
    const [all, tensors] = [state(), tf.memory().numTensors]
    for (let i = 0; i < 3; i++) record(() => step(x, y), x, y)
    expect([state(), tf.memory().numTensors]).toEqual([all, tensors])
  })

  it('puts everything back when the step throws half done, and throws that', () => {
    const { w, adam, step, batch } = regression()
    const [x, y] = batch(1)
    const before = bits(w)
    const failing = () => {
      step(x, y)
      throw new Error('half done')
    }
    expect(() => record(failing, x, y)).toThrow('half done')
    expect(bits(w)).toEqual(before)
    expect([...adam.slots.values()].flatMap(bits).every((bit) => bit === 0)).toBe(true)
    const compiled = compileStep(failing)
    expect(() => compiled(x, y)).toThrow('half done')
    expect(bits(w)).toEqual(before)
  })

  it('leaves inputs alone that the step returns', () => {
    const x = tf.scalar(3)
    const { graph } = record((input) => [input!], x)
    expect([graph.outputs, x.isDisposed]).toEqual([['input0:0'], false])
    x.dispose()
  })

  it('does not count as a step: parameters and slots are, bit for bit, those of graphs that compare at other times', () => {
    const run = (verifies: boolean) => {
      const { step, batch, state } = regression()
      const compiled = compileStep((x, y) => step(x!, y!), { fallback: 'throw' })
      for (let i = 0; i < 12; i++) {
        if (verifies) compiled.verify()
        tf.dispose(compiled(...batch(i)))
        expect(compiled.graphs).toBe(1)
      }
      compiled.dispose()
      return state()
    }
    expect(run(true)).toEqual(run(false))
  })

  it('takes the first step by the graph: eager calls do not', () => {
    const { step, batch, state } = regression()
    let recordings = 0
    const compiled = compileStep((x, y) => {
      recordings += 1
      return step(x!, y!)
    })
    tf.dispose(compiled(...batch(1)))
    // The slots come into being in the first recording, so that three are needed.
    expect([recordings, compiled.graphs, compiled.transfers.pushed]).toEqual([3, 1, 6])
    compiled.dispose()
    const eager = regression()
    tf.dispose(eager.step(...batch(1)))
    expect(state()).toEqual(eager.state())
  })

  it('changes nothing either when the step turns out not to be capturable', () => {
    const w = tf.variable(tf.scalar(1))
    const before: number[] = []
    const step = () => {
      before.push(w.dataSync()[0]!)
      w.assign(tf.add(w, 1))
      return [tf.clone<tf.Tensor>(w)]
    }
    const warned = compileStep(step, { warn: () => undefined })
    expect(warned()[0]!.dataSync()[0]).toBe(2)
    expect(before).toEqual([1, 1])
    const thrown = compileStep(step, { fallback: 'throw' })
    expect(() => thrown()).toThrow('reads the result of a variable on the host')
    expect(w.dataSync()[0]).toBe(2)
    w.dispose()
  })
})
