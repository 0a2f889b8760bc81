import * as tf from '@tensorflow/tfjs-core'
import { afterEach, describe, expect, it } from 'vitest'
import { compileStep, type CompileStepOptions } from './compile-step.js'
import type { StepFunction } from '@metric-learning/ops'

const cleanUp: (() => void)[] = []
afterEach(() => {
  for (const work of cleanUp.splice(0)) work()
})

function compiled(step: StepFunction, options: CompileStepOptions = {}) {
  const warnings: string[] = []
  const run = compileStep(step, { warn: (message) => warnings.push(message), ...options })
  cleanUp.push(() => {
    run.dispose()
  })
  return { run, warnings }
}

function variable(values: number[]): tf.Variable<tf.Rank.R1> {
  const made = tf.variable(tf.tensor1d(values))
  cleanUp.push(() => {
    made.dispose()
  })
  return made
}

const numbers = (tensor: tf.Tensor | undefined) => [...tensor!.dataSync()]
const vector = (...values: number[]) => tf.tensor1d(values)

/** w ← w - rate · x, and gives Σ w before. */
const descent = (w: tf.Variable<tf.Rank.R1>, rate: tf.Tensor): StepFunction => (x) => {
  const sum = tf.sum(w)
  w.assign(tf.sub(w, tf.mul(rate, x!)))
  return [sum]
}

describe.runIf(tf.getBackend() === 'tensorflow')('compileStep', () => {
  it('gives what the function gives, call by call, by the graph from the first on', () => {
    const w = variable([10, 20])
    const { run } = compiled(descent(w, tf.scalar(1)))
    const sums = [1, 2, 3, 4, 5].map((x) => {
      const sum = numbers(run(vector(x, x))[0])[0]
      expect(run.graphs).toBe(1)
      return sum
    })
    expect(sums).toEqual([30, 28, 24, 18, 10])
    expect(numbers(w)).toEqual([-5, 5])
  })

  it('tells variables apart that have one value between them', () => {
    const [w, copy] = [variable([10, 20]), variable([0, 0])]
    copy.assign(tf.clone(w))
    let recordings = 0
    const { run, warnings } = compiled((x) => {
      recordings += 1
      w.assign(tf.sub(w, x!))
      copy.assign(tf.add(copy, x!))
      return [tf.sum(w)]
    })
    expect([1, 2, 3].map((x) => numbers(run(vector(x, x))[0])[0])).toEqual([28, 24, 18])
    expect([...numbers(w), ...numbers(copy)]).toEqual([4, 14, 16, 26])
    // Found out at once, and not when recording and graph are compared.
    expect([run.graphs, recordings, warnings]).toEqual([1, 3, []])
  })

  it('runs the code of the function twice, once more in the second call, and then after 10, 20, 40 runs', () => {
    let recordings = 0
    const { run } = compiled((x) => {
      recordings += 1
      return [tf.mul(x!, 2)]
    })
    const counts = Array.from({ length: 90 }, () => {
      tf.dispose(run(vector(1)))
      return recordings
    })
    const calls = counts.flatMap((count, i) => (count > (counts[i - 1] ?? 0) ? [i + 1] : []))
    expect([counts[0], calls]).toEqual([2, [1, 2, 11, 21, 41, 81]])
  })

  it('moves a value only when it was assigned outside, or is used', () => {
    const w = variable([0, 0])
    const { run } = compiled(descent(w, tf.scalar(1)))
    tf.dispose(run(vector(1, 1)))
    expect(run.transfers).toEqual({ pushed: 1, pulled: 0 })
    for (let i = 0; i < 14; i++) tf.dispose(run(vector(1, 1)))
    // Comparisons need no values.
    expect(run.transfers).toEqual({ pushed: 1, pulled: 0 })
    expect(numbers(w)).toEqual([-15, -15])
    expect(numbers(tf.add(w, 1))).toEqual([-14, -14])
    expect(run.transfers).toEqual({ pushed: 1, pulled: 1 })
    w.assign(vector(5, 5))
    tf.dispose(run(vector(1, 1)))
    expect(run.transfers).toEqual({ pushed: 2, pulled: 1 })
    expect(numbers(w)).toEqual([4, 4])
  })

  it('runs a function that only assigns, and returns nothing', () => {
    const w = variable([1])
    const { run } = compiled((x) => {
      w.assign(tf.add(w, x!))
      return []
    })
    const x = vector(2)
    for (let i = 0; i < 3; i++) expect(run(x)).toEqual([])
    const tensors = tf.memory().numTensors
    run(x)
    expect([run.graphs, tf.memory().numTensors]).toEqual([1, tensors])
    expect(numbers(w)).toEqual([9])
  })

  it('takes what varies from variables and inputs: a changed rate takes effect at the next call', () => {
    const w = variable([0])
    const rate = variable([1])
    const { run } = compiled(descent(w, rate))
    for (let i = 0; i < 4; i++) tf.dispose(run(vector(1)))
    rate.assign(vector(100))
    tf.dispose(run(vector(1)))
    expect(numbers(w)).toEqual([-104])
  })

  it('leaves copies of an older value what they were', () => {
    const w = variable([0])
    const { run } = compiled(descent(w, tf.scalar(1)))
    for (let i = 0; i < 3; i++) tf.dispose(run(vector(1)))
    const copy = w.clone()
    for (let i = 0; i < 3; i++) tf.dispose(run(vector(1)))
    expect(numbers(copy)).toEqual([-3])
    expect(numbers(w)).toEqual([-6])
  })

  it('keeps two compiled functions over one variable consistent', () => {
    const w = variable([1])
    const double = compiled(() => {
      w.assign(tf.mul(w, 2))
      return [tf.scalar(0)]
    })
    const add = compiled(() => {
      w.assign(tf.add(w, 1))
      return [tf.scalar(0)]
    })
    let wanted = 1
    for (let i = 0; i < 6; i++) {
      tf.dispose([double.run(), add.run()])
      wanted = wanted * 2 + 1
    }
    expect([double.run.graphs, add.run.graphs]).toEqual([1, 1])
    expect(numbers(w)).toEqual([wanted])
  })

  it('moves to another compiled function what that needs of it, once for each change', () => {
    const [w, slot, frozen] = [variable([1]), variable([0]), variable([10])]
    const train = compiled((x) => {
      slot.assign(tf.add(slot, x!))
      w.assign(tf.sub(w, tf.mul(slot, frozen)))
      return [tf.scalar(0)]
    }).run
    const evaluate = compiled((x) => [tf.mul(x!, tf.add(w, frozen))]).run
    const trainSteps = () => {
      for (let i = 0; i < 3; i++) tf.dispose(train(vector(1)))
    }
    trainSteps()
    for (let i = 0; i < 4; i++) expect(numbers(evaluate(vector(1))[0])).toEqual([1 - 10 - 20 - 30 + 10])
    // The recording from which the other is captured fetches all there is.
    expect(train.transfers).toEqual({ pushed: 3, pulled: 2 })
    expect(evaluate.transfers).toEqual({ pushed: 2, pulled: 0 })
    trainSteps()
    for (let i = 0; i < 4; i++) expect(numbers(evaluate(vector(1))[0])).toEqual([1 - 210 + 10])
    expect(train.transfers).toEqual({ pushed: 3, pulled: 3 })
    expect(evaluate.transfers).toEqual({ pushed: 3, pulled: 0 })
    expect(numbers(slot)).toEqual([6])
  })

  it('captures each shape of its own, and drops the one unused longest', () => {
    const w = variable([0])
    const step: StepFunction = (x) => {
      w.assign(tf.add(w, tf.sum(x!)))
      return [tf.mul(x!, 2)]
    }
    const { run } = compiled(step, { maxGraphs: 2 })
    for (const size of [1, 2, 3, 1]) for (let i = 0; i < 3; i++) expect(run(tf.ones([size]))[0]!.shape).toEqual([size])
    expect(run.graphs).toBe(2)
    expect(numbers(w)).toEqual([3 + 6 + 9 + 3])
  })

  it('says once when more shapes alternate than graphs are kept, and which', () => {
    const { run, warnings } = compiled((x, y) => [tf.mul(x!, y!)], { maxGraphs: 2, name: 'crowded' })
    const round = (sizes: readonly number[], times: number) => {
      for (let i = 0; i < times; i++) for (const size of sizes) expect(numbers(run(tf.ones([size]), tf.scalar(2))[0])).toEqual(Array(size).fill(2))
    }
    round([1, 2], 4)
    round([3], 10)
    round([4], 10)
    expect(warnings).toEqual([])
    round([1, 2, 3], 4)
    expect(warnings).toEqual([
      'compileStep(crowded): wanted inputs of at most 2 combinations of shapes, of which graphs are kept, ' +
        'got others in call after call, input 1 as float32[1], float32[2], float32[3]. ' +
        'Graphs are made anew all the time, slower than none. Have all batches alike: a sampler with a fixed m, no last batch that is smaller; or raise `maxGraphs`.',
    ])
    expect(run.graphs).toBe(2)
  })

  it('knows what it decided about a shape whose graph had to go, and lets go of none for a shape that runs eagerly', () => {
    let runs = 0
    const { run, warnings } = compiled(
      (x) => {
        runs += 1
        return [x!.size === 1 ? tf.mul(x!, x!.dataSync()[0]!) : tf.mul(x!, 2)]
      },
      { maxGraphs: 1 },
    )
    const runsOf = (size: number) => {
      const before = runs
      tf.dispose(run(tf.ones([size])))
      return runs - before
    }
    for (const size of [1, 2, 3]) runsOf(size)
    expect(warnings).toHaveLength(1)
    expect([runsOf(1), runsOf(1), run.graphs]).toEqual([1, 1, 1])
    runsOf(2)
    expect([runsOf(1), run.graphs]).toEqual([1, 1])
    expect(warnings).toHaveLength(1)
  })

  it('waits until variables that the step makes are there', () => {
    let momentum: tf.Variable | undefined
    const w = variable([0])
    const { run } = compiled((x) => {
      momentum ??= tf.variable(tf.zeros([1]))
      momentum.assign(tf.add(tf.mul(momentum, 0.5), x!))
      w.assign(tf.sub(w, momentum as tf.Tensor1D))
      return [tf.sum(w)]
    })
    const sums = [1, 1, 1, 1, 1].map((x) => numbers(run(vector(x))[0])[0])
    expect(sums).toEqual([-1, -2.5, -4.25, -6.125, -8.0625])
    expect(run.graphs).toBe(1)
    momentum!.dispose()
  })

  it('runs a step that reads on the host eagerly, with one warning that names operation and line', () => {
    const { run, warnings } = compiled((x) => {
      const largest = tf.max(x!)
      return [tf.mul(x!, largest.dataSync()[0]!)]
    })
    for (let i = 0; i < 4; i++) expect(numbers(run(vector(1, 3))[0])).toEqual([3, 9])
    expect(run.graphs).toBe(0)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('got one that reads the result of Max on the host')
    expect(warnings[0]).toContain('compile-step.test.ts')
  })

  it('notices a constant that varies', () => {
    let calls = 0
    const { run, warnings } = compiled((x) => [tf.add(x!, tf.scalar(calls++))])
    // The first call records it four times, each time to be compared with the one before.
    expect([0, 0, 0, 0, 0, 0].map((x) => numbers(run(vector(x))[0])[0])).toEqual([7, 8, 9, 10, 11, 12])
    expect(warnings).toEqual([expect.stringContaining('computes with a constant that varies from call to call (it goes into Add)')])
  })

  it('throws where the fallback says so', () => {
    const { run } = compiled((x) => [tf.scalar(x!.dataSync()[0]!)], { fallback: 'throw', name: 'peeking' })
    for (let i = 0; i < 2; i++) expect(() => run(vector(1))).toThrow('compileStep(peeking): wanted a pure function of tensors')
  })

  it('changes nothing when a run fails', () => {
    const w = variable([1, 2])
    const { run } = compiled((index) => {
      w.assign(tf.add(w, 1))
      return [tf.gather(w, index as tf.Tensor1D)]
    })
    const at = (row: number) => tf.tensor1d([row], 'int32')
    for (let i = 0; i < 3; i++) tf.dispose(run(at(0)))
    expect(() => run(at(7))).toThrow()
    expect(numbers(w)).toEqual([4, 5])
    expect(numbers(run(at(1))[0])).toEqual([6])
  })

  it('has one graph for calls with asides and without, which change the same', () => {
    const w = variable([10, 20])
    const step = descent(w, tf.keep(tf.scalar(1)))
    let recordings = 0
    const watched = (...inputs: tf.Tensor[]) => {
      recordings += 1
      const before = tf.norm(w)
      return { results: step(...inputs), asides: [before, tf.norm(w)] }
    }
    const { run } = compiled(step, { watched })
    const x = vector(3, 4)
    const sums = [1, 2, 3, 4].map((call) => {
      if (call % 2 === 1) return numbers(run(x)[0])[0]
      const { results, asides } = run.watch(x)
      const [before, after] = call === 2 ? [[7, 16], [4, 12]] : [[1, 8], [-2, 4]]
      expect(asides.map((aside) => numbers(aside)[0])).toEqual([before!, after!].map(([a, b]) => expect.closeTo(Math.hypot(a!, b!), 5)))
      return numbers(results[0])[0]
    })
    expect(sums).toEqual([30, 23, 16, 9])
    expect(numbers(w)).toEqual([-2, 4])
    expect([run.graphs, recordings, run.transfers.pushed]).toEqual([1, 3, 1])
  })

  it('keeps memory flat, and hands values back when it is disposed', () => {
    const w = variable([0])
    const { run } = compiled(descent(w, tf.keep(tf.scalar(1))))
    const x = vector(1)
    for (let i = 0; i < 5; i++) tf.dispose(run(x))
    const before = tf.memory().numTensors
    for (let i = 0; i < 300; i++) tf.dispose(run(x))
    expect(tf.memory().numTensors).toBe(before)
    run.dispose()
    expect(numbers(w)).toEqual([-305])
    expect(() => run(x)).toThrow('wanted a call before dispose()')
  })
})
