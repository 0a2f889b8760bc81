import * as tf from '@tensorflow/tfjs-core'
import { BackendError } from '@metric-learning/contracts'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { compileStep, type CompileStepOptions } from './compile-step.js'

const cleanUp: (() => void)[] = []
afterEach(() => {
  for (const work of cleanUp.splice(0)) work()
})

/** A compiled step of which each call gives its result, and the code's runs so far are counted. */
function stepOf(value: () => number, options: CompileStepOptions = {}) {
  const warnings: string[] = []
  const counted = { recordings: 0 }
  const run = compileStep(
    (x) => {
      counted.recordings += 1
      return [tf.mul(x!, value())]
    },
    { warn: (message) => warnings.push(message), ...options },
  )
  cleanUp.push(() => {
    run.dispose()
  })
  const call = () => tf.tidy(() => run(tf.scalar(1))[0]!.dataSync()[0]!)
  const calls = (count: number) => Array.from({ length: count }, call)
  return { run, call, calls, warnings, counted }
}

class Distance {
  p = 2
}

describe.runIf(tf.getBackend() === 'tensorflow')('A compiled step with guards', () => {
  const changes: Readonly<Record<string, [guarded: { weight: number; isOn: boolean; distance: Distance; terms: number[] }, change: (loss: Loss) => void, after: number]>> = {
    number: [lossOf(), (loss) => (loss.weight = 5), 5 + 2 + 1],
    'truth value': [lossOf(), (loss) => (loss.isOn = false), 0],
    'field of a nested object': [lossOf(), (loss) => (loss.distance.p = 4), 3 + 4 + 1],
    'replaced object': [lossOf(), (loss) => (loss.distance = { p: 7 }), 3 + 7 + 1],
    'list that grows': [lossOf(), (loss) => loss.terms.push(1), 3 + 2 + 2],
  }
  type Loss = ReturnType<typeof lossOf>
  function lossOf() {
    return { weight: 3, isOn: true, distance: new Distance(), terms: [1] }
  }
  const valueOf = ({ weight, isOn, distance, terms }: Loss) => (isOn ? weight + distance.p + terms.length : 0)

  it.each(Object.entries(changes))('computes with a changed %s in the very next call, and again by one graph', (_, [loss, change, after]) => {
    const { calls, run, counted } = stepOf(() => valueOf(loss), { guarded: { losses: { loss } } })
    expect(calls(3)).toEqual([6, 6, 6])
    change(loss)
    const recordings = counted.recordings
    expect(calls(3)).toEqual([after, after, after])
    expect(run.graphs).toBe(1)
    // One sees that it is another step, two capture it, one compares in the second call.
    expect(counted.recordings - recordings).toBe(4)
  })

  it('without guards computes with the old value until the next comparison', () => {
    const loss = lossOf()
    const { calls } = stepOf(() => valueOf(loss))
    calls(2)
    loss.weight = 5
    expect(calls(9)).toEqual([6, 6, 6, 6, 6, 6, 6, 6, 8])
  })

  it('is recorded once for a counter that does not matter', () => {
    const plugin = { calls: 0 }
    const { run, call, counted } = stepOf(() => 2, { guarded: { plugin } })
    for (let i = 0; i < 9; i++) {
      plugin.calls += 1
      expect(call()).toBe(2)
    }
    expect([counted.recordings, run.graphs]).toEqual([3, 1])
  })

  it('puts up with a counter that the step itself moves on', () => {
    const plugin = { calls: 0 }
    const { calls, counted } = stepOf(() => (plugin.calls++, 2), { guarded: { plugin } })
    expect(calls(10)).toEqual(Array(10).fill(2))
    expect(counted.recordings).toBe(3)
  })

  it('runs eagerly, with one warning that names the field and the cure, when it changes in every call', () => {
    const loss = { margin: 0, other: 1 }
    const { call, run, warnings } = stepOf(() => loss.margin, { guarded: { objectives: { triplet: loss } }, name: 'training step' })
    for (let i = 0; i < 10; i++) {
      loss.margin += 1
      expect(call()).toBe(i + 1)
    }
    expect(run.graphs).toBe(0)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('compileStep(training step)')
    expect(warnings[0]).toContain('got `objectives.triplet.margin`, which changed in call after call')
    expect(warnings[0]).toContain('Make it a scheduled number')
  })

  it('warns once, whatever shapes the inputs have and however often the step is compiled', () => {
    const loss = { margin: 0 }
    const warnings: string[] = []
    const step = (x?: tf.Tensor) => [tf.mul(x!, loss.margin)]
    for (let i = 0; i < 2; i++) {
      const run = compileStep(step, { guarded: { loss }, warn: (message) => warnings.push(message) })
      for (let size = 1; size <= 2; size++) {
        for (let j = 0; j < 5; j++) {
          loss.margin += 1
          expect(tf.tidy(() => run(tf.ones([size]))[0]!.dataSync()[0])).toBe(loss.margin)
        }
      }
      run.dispose()
    }
    expect(warnings).toHaveLength(1)
  })

  it('throws that, where the fallback says so', () => {
    const loss = { margin: 0 }
    const { call } = stepOf(() => loss.margin, { guarded: { loss }, fallback: 'throw' })
    const run = () => {
      for (let i = 0; i < 5; i++) {
        loss.margin += 1
        call()
      }
    }
    expect(run).toThrow(BackendError)
    expect(run).toThrow('got `loss.margin`, which changed in call after call')
  })

  it('stays compiled when a field changes now and then', () => {
    const loss = { margin: 0 }
    const { calls, run, warnings } = stepOf(() => loss.margin, { guarded: { loss } })
    for (let epoch = 1; epoch <= 8; epoch++) {
      loss.margin = epoch
      expect(calls(6)).toEqual(Array(6).fill(epoch))
    }
    expect([run.graphs, warnings]).toEqual([1, []])
  })

  it('hands the values of the old graph to the new one', () => {
    const w = tf.variable(tf.scalar(0))
    onTestFinished(() => {
      w.dispose()
    })
    const plugin = { rate: 1 }
    const run = compileStep(
      (x) => {
        w.assign(tf.add(w, tf.mul(x!, plugin.rate)))
        return [tf.scalar(0)]
      },
      { guarded: { plugin } },
    )
    const x = tf.keep(tf.scalar(1))
    for (let i = 0; i < 5; i++) tf.dispose(run(x))
    plugin.rate = 100
    for (let i = 0; i < 3; i++) tf.dispose(run(x))
    expect(w.dataSync()[0]).toBe(305)
    const tensors = tf.memory().numTensors
    plugin.rate = 1
    for (let i = 0; i < 3; i++) tf.dispose(run(x))
    expect(tf.memory().numTensors).toBe(tensors)
    run.dispose()
    expect(w.dataSync()[0]).toBe(308)
  })

  it('goes on with guards that changed when the recording after it failed', () => {
    const loss = { weight: 1, fails: false }
    const { call } = stepOf(
      () => {
        if (loss.fails) throw new Error('broken')
        return loss.weight
      },
      { guarded: { loss } },
    )
    call()
    Object.assign(loss, { weight: 2, fails: true })
    expect(call).toThrow('broken')
    loss.fails = false
    expect(call()).toBe(2)
  })
})

describe.runIf(tf.getBackend() === 'tensorflow')('A compiled step with what guards do not see', () => {
  class Weighted {
    #weight = 1
    set(weight: number) {
      this.#weight = weight
    }
    get() {
      return this.#weight
    }
  }

  it('notices a private field and a closure in the call after verify(), and by itself after some runs', () => {
    const loss = new Weighted()
    let factor = 1
    const { calls, run } = stepOf(() => factor * loss.get(), { guarded: { loss } })
    calls(2)
    loss.set(3)
    expect(calls(1)).toEqual([1])
    run.verify()
    expect(calls(2)).toEqual([3, 3])
    factor = 2
    run.verify()
    expect(calls(2)).toEqual([6, 6])
    factor = 1
    expect(calls(9)).toEqual([6, 6, 6, 6, 6, 6, 6, 6, 3])
  })

  it('notices for all shapes at once: from the first comparison on, none computes with the old value', () => {
    let factor = 1
    let changes = 0
    const { run } = stepOf(() => factor, { onChange: () => (changes += 1) })
    const both = () => tf.tidy(() => [1, 2].map((size) => run(tf.ones([size]))[0]!.dataSync()[0]))
    const ofOne = () => tf.tidy(() => run(tf.ones([1]))[0]!.dataSync()[0])
    // The graph of the first shape is compared after 10 runs, that of the second has run 3 times then.
    for (let i = 0; i < 3; i++) expect(both()).toEqual([1, 1])
    factor = 2
    for (let i = 3; i < 10; i++) expect(ofOne()).toBe(1)
    expect(changes).toBe(0)
    expect([both(), both()]).toEqual([[2, 2], [2, 2]])
    expect([changes, run.graphs]).toEqual([2, 2])
  })

  it('notices in each call what follows from the batch, and gives up with the reason', () => {
    let batch = 0
    const { call, run, warnings } = stepOf(() => batch)
    for (batch = 1; batch < 8; batch++) expect(call()).toBe(batch)
    expect(run.graphs).toBe(0)
    expect(warnings).toEqual([expect.stringContaining('computes with a constant that varies from call to call (it goes into Mul)')])
  })

  it('compares nothing that was not asked for: verify() holds for one call', () => {
    const { calls, run, counted } = stepOf(() => 1)
    calls(2)
    run.verify()
    calls(3)
    expect(counted.recordings).toBe(4)
  })
})
