import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, type CallMode, type Module, type Parameters } from '@metric-learning/contracts'
import { stepCompiler } from '@metric-learning/ops'
import { afterAll, beforeAll, describe } from 'vitest'
import { randomTensor } from './batches.js'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { direction, gradientOf, usualDifferences, type DifferenceOptions } from './differences.js'
import { expectNoLeak } from './expect-no-leak.js'
import { exactly, expectFinite, expectNumbers, expectRefused, expectSame, expectThat } from './expectations.js'
import { expectSetUp, noCompiler } from './expect-set-up.js'
import { refusingReads } from './refuse-reads.js'
import { expectKnownInfluences, VariableWatch } from './variable-watch.js'

/** What {@link describeModule} checks. */
export const MODULE_CHECKS = {
  output: { title: 'gives one finite output of outputSize a sample, in training and out of it', look: '`outputSize`, and what call() returns: float32 [n, …, outputSize].' },
  parameterGradient: { title: 'has the gradient of its parameters that differences give', look: 'whether call() uses the variables themselves, and custom gradients of its layers.' },
  variables: { title: 'keeps every variable that it makes or depends on among its parameters and buffers', look: '`parameters`, for what is learned, and `buffers`, for what call() assigns: what is in neither is not trained, not saved, not restored.' },
  repeatable: { title: 'is made the same every time, and gives the same again', look: 'initial weights and draws in call(): take a seed, and keep the state of draws among the buffers.' },
  samples: { title: 'judges a sample by itself out of training', look: 'statistics of the batch where `mode.training` is false: running ones, from `buffers`, belong there.' },
  modes: { title: 'changes its buffers alone, and in training alone', look: '`assign` in call(): parameters are changed by optimizers, buffers only where `mode.training` is true.' },
  restore: { title: 'gives the same with the parameters and buffers of another', look: 'state beside `parameters` and `buffers`, names that differ from object to object, and values that are worked out only once, in the constructor.' },
  badInput: { title: 'refuses bad input with an error of this library', look: 'the first lines of call(): `expectShape` of contracts.' },
  leaks: { title: 'leaves no tensor behind but its output', look: '`tf.keep` and `tf.variable` in call(), and work outside of `tf.tidy`.' },
  dispose: { title: 'frees all that it made', look: 'dispose(): every variable of every layer, parameters and buffers.' },
  hostReads: { title: 'reads nothing back from the device', look: '`dataSync` and `arraySync` in call() and in custom gradients.' },
  compile: { title: 'compiles, and gives the same as one graph', look: 'what call() decides on the host from call to call: in a graph it is decided once.' },
  mistakes: { title: 'refuses mistakes with an error of this library', look: 'the constructor: `expectKnownOptions` and `expectNumber` of contracts.' },
} as const satisfies Record<string, CheckText>

/** A check of {@link describeModule}. */
export type ModuleCheck = keyof typeof MODULE_CHECKS

/** How a module is tried. */
export interface ModuleConformance extends DifferenceOptions {
  /** Makes the module, every time in the same state. */
  readonly create: () => Module
  /** Shape of one sample: [height, width, channels], or [size]. */
  readonly sampleShape: readonly number[]
  /** Samples in a batch. Default 4. */
  readonly batchSize?: number
  /** Shape of a sample that has to be refused. Default: `sampleShape` with one more at its end. */
  readonly wrongShape?: readonly number[]
  /** What has to be refused, by what is wrong with it. Default none. */
  readonly mistakes?: Readonly<Record<string, () => unknown>>
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<ModuleCheck>
}

const KNOWN: readonly (keyof ModuleConformance)[] = ['create', 'sampleShape', 'batchSize', 'wrongShape', 'mistakes', 'step', 'gradientTolerance', 'skip']
const TRAINING: CallMode = { training: true }
const JUDGING: CallMode = { training: false }

/**
 * Whether a module keeps its contract: a pure function of tensors and of its parameters and buffers, all of which it names,
 * with gradients that differences confirm, in training and out of it.
 *
 * @example describeModule('Gate', { create: () => new Gate({ size: 8, seed: 1 }), sampleShape: [8] })
 */
export function describeModule(name: string, conformance: ModuleConformance): void {
  expectKnownOptions('describeModule', conformance, KNOWN)
  const { create, sampleShape, batchSize = 4, mistakes = {}, skip = {} } = conformance
  const { wrongShape = [...sampleShape.slice(0, -1), sampleShape.at(-1)! + 1] } = conformance
  const { step = usualDifferences.step, gradientTolerance = usualDifferences.gradientTolerance } = conformance
  const check = checksOf('describeModule', MODULE_CHECKS, skip)

  describe(name, () => {
    let module: Module
    let inputs: tf.Tensor
    beforeAll(() => {
      expectSetUp(name)
      module = create()
      inputs = randomTensor([batchSize, ...sampleShape])
    })
    afterAll(() => {
      module.dispose()
      inputs.dispose()
    })
    const call = (of: Module, x: tf.Tensor, mode: CallMode) => tf.tidy(() => of.call(x, mode))
    /** One number that all outputs have a part in. */
    const summed = (of: Module, x: tf.Tensor, mode: CallMode): tf.Scalar => {
      const output = of.call(x, mode)
      return tf.sum<tf.Scalar>(tf.mul(output, randomTensor(output.shape, 17)))
    }

    check('output', () => {
      for (const mode of [JUDGING, TRAINING]) {
        const where = mode.training ? 'in training' : 'out of training'
        const output = call(module, inputs, mode)
        const { shape } = output
        const isFit = shape.length >= 2 && shape[0] === batchSize && shape.at(-1) === module.outputSize
        expectThat(isFit, { what: `the shape of the output ${where}`, wanted: `[${batchSize}, …, ${module.outputSize}], samples and \`outputSize\``, got: `[${shape.join(', ')}]` })
        expectFinite(`the output ${where}`, output)
      }
    })

    check('parameterGradient', () => {
      for (const [parameter, variable] of module.parameters) {
        tf.tidy(() => {
          const what = `the slope along the gradient of "${parameter}"`
          const f = () => summed(module, inputs, TRAINING)
          const gradient = tf.engine().gradients(f, [variable], undefined, true).grads[0]
          expectThat(gradient !== undefined, { what, wanted: 'one', got: 'none: the output does not depend on it, and so it is never learned' })
          const start = tf.clone(variable as tf.Tensor)
          const along = tf.tidy(() => tf.add(tf.div(gradient, tf.maximum(tf.norm(gradient), 1e-12)), direction(variable.shape)))
          const moved = (by: number): number => {
            variable.assign(tf.add(start, tf.mul(along, by)))
            return f().dataSync()[0]!
          }
          const [before, at, after] = [moved(-step), moved(0), moved(step)]
          variable.assign(start)
          const actual = tf.sum(tf.mul(gradient, along)).dataSync()
          // Where a relu has its kink on one side, the other side still has the slope.
          const slopes = [(after - before) / (2 * step), (after - at) / step, (at - before) / step]
          const numeric = slopes.reduce((nearest, slope) => (Math.abs(slope - actual[0]!) < Math.abs(nearest - actual[0]!) ? slope : nearest))
          expectNumbers({ what, actual, wanted: [numeric], as: `differences of ${step} give it, on both sides or on one`, tolerance: gradientTolerance })
        })
      }
    })

    check('variables', () => {
      const watch = new VariableWatch()
      const made = create()
      const { parameters, buffers } = made
      call(made, inputs, TRAINING).dispose()
      watch.expectOwned(made, { parameters, buffers })
      expectKnownInfluences(() => summed(made, inputs, TRAINING), made, { parameters, buffers })
      made.dispose()
    })

    check('repeatable', () => {
      const [one, another] = [create(), create()]
      for (const mode of [JUDGING, TRAINING]) {
        const where = mode.training ? 'in training' : 'out of training'
        expectSame(`the output of a second one, ${where}`, call(another, inputs, mode), call(one, inputs, mode), 'of the first')
      }
      expectSame('the output of a second call', call(one, inputs, JUDGING), call(one, inputs, JUDGING), 'of the first')
      one.dispose()
      another.dispose()
    })

    check('samples', () => {
      const together = call(module, inputs, JUDGING)
      const alone = call(module, tf.slice(inputs, 0, 1), JUDGING)
      expectSame('the output of a sample alone', alone, tf.slice(together, 0, 1), 'in a batch')
    })

    check('modes', () => {
      const of = create()
      const values = (variables: Parameters) => new Map([...variables].map(([key, variable]) => [key, variable.dataSync().slice() as Float32Array]))
      const expectKept = (when: string, variables: Parameters, before: ReadonlyMap<string, Float32Array>) => {
        for (const [key, variable] of variables) {
          expectNumbers({ what: `"${key}" after a call ${when}`, actual: variable.dataSync() as Float32Array, wanted: before.get(key)!, as: 'before it', shape: variable.shape, tolerance: exactly })
        }
      }
      const [parameters, buffers] = [values(of.parameters), values(of.buffers)]
      call(of, inputs, JUDGING).dispose()
      expectKept('out of training', of.parameters, parameters)
      expectKept('out of training', of.buffers, buffers)
      call(of, inputs, TRAINING).dispose()
      expectKept('in training', of.parameters, parameters)
      of.dispose()
    })

    check('restore', () => {
      const [trained, restored] = [create(), create()]
      for (const variable of trained.parameters.values()) variable.assign(tf.add(variable as tf.Tensor, 0.05))
      call(trained, inputs, TRAINING).dispose()
      for (const field of ['parameters', 'buffers'] as const) {
        const names = [[...trained[field].keys()], [...restored[field].keys()]].map((keys) => keys.join(', '))
        expectThat(names[0] === names[1], { what: `names of \`${field}\` of a second one`, wanted: `those of the first: ${names[0]}`, got: String(names[1]) })
        for (const [key, variable] of restored[field]) variable.assign(tf.clone(trained[field].get(key)! as tf.Tensor))
      }
      for (const mode of [JUDGING, TRAINING]) {
        expectSame(`the output ${mode.training ? 'in' : 'out of'} training with what another has`, call(restored, inputs, mode), call(trained, inputs, mode), 'of that other')
      }
      trained.dispose()
      restored.dispose()
    })

    check('badInput', () => {
      expectRefused(`samples of [${wrongShape.join(', ')}]`, () => call(module, tf.zeros([batchSize, ...wrongShape]), JUDGING))
    })

    check('leaks', () => {
      expectNoLeak('call() out of training', 10, () => call(module, inputs, JUDGING))
      expectNoLeak('call() in training and its gradient', 5, () => {
        const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => summed(module, x, TRAINING))(inputs)
        return [value, grad]
      })
    })

    check('dispose', () => {
      const before = tf.memory().numTensors
      const of = create()
      call(of, inputs, TRAINING).dispose()
      of.dispose()
      const left = tf.memory().numTensors - before
      expectThat(left === 0, { what: 'tensors after dispose()', wanted: 'as many as before the module was made', got: `${left} more` })
    })

    check('hostReads', () => {
      refusingReads(() => {
        tf.tidy(() => {
          call(module, inputs, JUDGING)
          gradientOf('the gradient of the inputs', (x) => summed(module, x, TRAINING), inputs)
        })
      })
    })

    check('compile', () => {
      const [alone, whole] = [create(), create()]
      const stepOf = (of: Module) => (x: tf.Tensor) => {
        const { value, grad } = tf.valueAndGrad((at: tf.Tensor) => summed(of, at, TRAINING))(x)
        return [value, grad]
      }
      const compiled = stepCompiler()!((x) => stepOf(whole)(x!), { name, fallback: 'throw' })
      for (let run = 1; run <= 3; run++) {
        const x = randomTensor([batchSize, ...sampleShape], run)
        const [value, gradient] = compiled(x)
        const [expected, expectedGradient] = stepOf(alone)(x)
        const tolerance = { atol: 1e-3, rtol: 1e-3 }
        expectSame(`the summed output of compiled call ${run}`, value!, expected!, 'operation by operation', tolerance)
        expectSame(`the gradient of compiled call ${run}`, gradient!, expectedGradient!, 'operation by operation', tolerance)
      }
      compiled.dispose()
      for (const [key, buffer] of whole.buffers) expectSame(`the buffer "${key}" after compiled calls`, buffer as tf.Tensor, alone.buffers.get(key)! as tf.Tensor, 'operation by operation', { atol: 1e-4, rtol: 1e-3 })
      alone.dispose()
      whole.dispose()
    }, { unavailable: noCompiler() })

    for (const [mistake, make] of Object.entries(mistakes)) check('mistakes', () => {
      expectRefused(mistake, make)
    }, { of: mistake })
  })
}
