import * as tf from '@tensorflow/tfjs-core'
import { afterEach, describe, expect, it } from 'vitest'
import { STEP_COMPILER, stepCompiler, type CompileOptions, type StepCompilerConfig } from './step-compiler.js'
import { CompilableStep } from './compilable-step.js'

const cleanUp: (() => void)[] = []
afterEach(() => {
  for (const work of cleanUp.splice(0).reverse()) work()
})

function variable(value: number): tf.Variable<tf.Rank.R0> {
  const made = tf.variable(tf.scalar(value))
  cleanUp.push(() => {
    made.dispose()
  })
  return made
}

/** Puts a compiler in the place of the backend's that writes down how it is used, and compiles nothing. */
function watchedCompiler(): string[] {
  const calls: string[] = []
  const config = tf.getKernel(STEP_COMPILER, tf.getBackend())
  if (config) tf.unregisterKernel(STEP_COMPILER, tf.getBackend())
  const compile: StepCompilerConfig['compile'] = (step, { guarded, maxGraphs }: CompileOptions = {}) => {
    calls.push(`compile ${JSON.stringify({ guarded, maxGraphs })}`)
    const note = (what: string) => () => void calls.push(what)
    const watch = (...inputs: tf.Tensor[]) => ({ results: step(...inputs), asides: [] })
    return Object.assign(step.bind(undefined), { watch, clear: note('clear'), verify: note('verify'), dispose: note('dispose') })
  }
  const watched: StepCompilerConfig = {
    kernelName: STEP_COMPILER,
    backendName: tf.getBackend(),
    kernelFunc: () => [],
    compile,
    noteUpdate: () => undefined,
  }
  tf.registerKernel(watched)
  cleanUp.push(() => {
    tf.unregisterKernel(STEP_COMPILER, tf.getBackend())
    if (config) tf.registerKernel(config)
  })
  return calls
}

describe('CompilableStep', () => {
  it.each([false, true])('changes no variable when the step throws half way: compile %s', (compile) => {
    const [first, second] = [variable(1), variable(10)]
    let fails = false
    const step = new CompilableStep(
      'test step',
      () => {
        first.assign(tf.add(first, 1))
        if (fails) throw new Error('half way')
        second.assign(tf.add(second, 1))
        return []
      },
      { compile },
    )
    cleanUp.push(() => {
      step.dispose()
    })
    step.run([])
    fails = true
    expect(() => step.run([])).toThrow('half way')
    expect([first.dataSync()[0], second.dataSync()[0]]).toEqual([2, 11])
    fails = false
    step.run([])
    expect([first.dataSync()[0], second.dataSync()[0]]).toEqual([3, 12])
  })

  it('changes nothing either when the backend can not capture the step, and has it run eagerly', () => {
    const w = variable(1)
    const step = new CompilableStep('test step', () => {
      w.assign(tf.add(w, 1))
      if (w.dataSync()[0]! > 3) throw new Error('too much')
      return []
    })
    cleanUp.push(() => {
      step.dispose()
    })
    for (let i = 0; i < 2; i++) step.run([])
    expect(() => step.run([])).toThrow('too much')
    expect(w.dataSync()[0]).toBe(3)
  })

  it.each([false, true])('gives asides where they are asked for, and has them computed only then: compile %s', (compile) => {
    const w = variable(1)
    const code = (x: tf.Tensor) => {
      w.assign(tf.add(w, x))
      return [tf.mul(w, 2)]
    }
    const table = tf.tensor1d([10, 20])
    cleanUp.push(() => {
      table.dispose()
    })
    // Fails where it is computed with an index beyond the table.
    const watched = (x: tf.Tensor) => ({ results: code(x), asides: [tf.gather(table, tf.cast(x, 'int32'))] })
    const step = new CompilableStep('test step', (x) => code(x!), { compile: compile && stepCompiler() ? 'require' : false, watched: (x) => watched(x!) })
    cleanUp.push(() => {
      step.dispose()
    })
    const read = (tensors: readonly tf.Tensor[]) => tensors.map((tensor) => tensor.dataSync()[0])
    const before = tf.memory().numTensors
    tf.tidy(() => {
      const { results, asides } = step.watch([tf.scalar(1)])
      expect([read(results), read(asides)]).toEqual([[4], [20]])
    })
    expect(tf.tidy(() => read(step.run([tf.scalar(1)])))).toEqual([6])
    if (tf.getBackend() === 'tensorflow') {
      expect(tf.tidy(() => read(step.run([tf.scalar(1000)])))).toEqual([2006])
      expect(() => tf.tidy(() => step.watch([tf.scalar(1000)]).results)).toThrow()
    }
    expect(tf.memory().numTensors).toBe(before)
  })

  it('hands what is guarded, and how many graphs to keep, to the compiler, and verify() and clear() to all that it compiled', () => {
    const calls = watchedCompiler()
    const step = new CompilableStep('test step', () => [], { guarded: { loss: { margin: 1 } }, maxGraphs: 3 })
    step.verify()
    step.run([], 'one')
    step.run([], 'other')
    expect(calls).toEqual(Array(2).fill('compile {"guarded":{"loss":{"margin":1}},"maxGraphs":3}'))
    step.verify()
    step.clear()
    expect(calls.slice(2)).toEqual(['verify', 'verify', 'clear', 'clear'])
  })

  it.runIf(stepCompiler())('is captured anew when a guarded field changes', () => {
    const loss = { margin: 1 }
    const step = new CompilableStep('test step', (x) => [tf.mul(x!, loss.margin)], { compile: 'require', guarded: { loss } })
    cleanUp.push(() => {
      step.dispose()
    })
    const run = () => tf.tidy(() => step.run([tf.scalar(1)])[0]!.dataSync()[0])
    expect([run(), run(), run()]).toEqual([1, 1, 1])
    loss.margin = 2
    expect(run()).toBe(2)
  })

  it.runIf(stepCompiler())('has what one graph noticed seen by those of other facts and other shapes, in their next run', () => {
    let factor = 1
    const step = new CompilableStep('test step', (x) => [tf.mul(x!, factor)], { compile: 'require' })
    cleanUp.push(() => {
      step.dispose()
    })
    const run = (size: number, facts: string) => tf.tidy(() => step.run([tf.ones([size])], facts)[0]!.dataSync()[0])
    const all = () => [run(1, 'one'), run(1, 'other'), run(2, 'other')]
    for (let i = 0; i < 3; i++) expect(all()).toEqual([1, 1, 1])
    factor = 3
    // The next comparison of each is due after 10 runs.
    for (let i = 3; i < 10; i++) expect(run(1, 'one')).toBe(1)
    expect([all(), all()]).toEqual(Array(2).fill([3, 3, 3]))
  })
})
