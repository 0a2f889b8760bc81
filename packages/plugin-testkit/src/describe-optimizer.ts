import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, type Optimizer, type Parameters } from '@metric-learning/contracts'
import { stepCompiler } from '@metric-learning/ops'
import { describe } from 'vitest'
import { randomTensor } from './batches.js'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { exactly, expectNumbers, expectRefused, expectSame, expectThat } from './expectations.js'
import { expectSetUp, noCompiler } from './expect-set-up.js'
import { expectStateReturns, throughFile } from './expect-state.js'
import { expectBalance, expectNoLeak } from './expect-no-leak.js'
import { refusingReads } from './refuse-reads.js'
import { VariableWatch } from './variable-watch.js'

/** What {@link describeOptimizer} checks. */
export const OPTIMIZER_CHECKS = {
  descent: { title: 'goes down a slope', look: 'the sign of the step in apply(), and whether it assigns to the parameters themselves.' },
  absent: { title: 'leaves parameters without a gradient alone', look: 'apply(): it goes by the names in `gradients`; weight decay and momentum wait, too.' },
  learningRate: { title: 'obeys its learning rate at the next step', look: '`learningRate`: a rate that a step takes as a number is frozen in a graph, a `Scheduled` is not; at 0 nothing moves.' },
  prepare: { title: 'has all of its slots before the first step', look: 'prepare(): it makes every slot that apply() uses, so that a run can be restored at any moment.' },
  prepareAgain: { title: 'keeps what it has when it is prepared again', look: 'prepare(): it adds what is missing, and leaves the rest.' },
  variables: { title: 'keeps every variable that it makes among its slots', look: '`slots`, and a learning rate in a public field: what is in neither is not saved with the run.' },
  restore: { title: 'goes on from its state as if nothing had happened', look: '`state()` and `restore()`: moments, counters of steps, the learning rate.' },
  ownership: { title: 'copies the tensors of a state', look: 'restore(): a slot that takes over the tensor of the caller is gone when the caller frees it.' },
  badState: { title: 'refuses the state of another optimizer, and is unchanged then', look: 'restore(): a StateError before anything is assigned.' },
  leaks: { title: 'leaves no tensor behind', look: 'apply(): work outside of `tf.tidy`, slots that are made anew.' },
  dispose: { title: 'frees all that it made', look: 'dispose(): slots, and a learning rate that it made itself.' },
  hostReads: { title: 'reads nothing back from the device', look: '`dataSync` and `arraySync` in apply(): norms and counters stay tensors.' },
  compile: { title: 'compiles, and takes the same steps as one graph', look: 'what apply() counts on the host: in a graph it stands still. Counters are slots.' },
  mistakes: { title: 'refuses mistakes with an error of this library', look: 'the constructor: `expectKnownOptions` and `expectNumber` of contracts.' },
} as const satisfies Record<string, CheckText>

/** A check of {@link describeOptimizer}. */
export type OptimizerCheck = keyof typeof OPTIMIZER_CHECKS

/** How an optimizer is tried. */
export interface OptimizerConformance {
  /** Makes the optimizer, every time in the same state. */
  readonly create: () => Optimizer
  /** What has to be refused, by what is wrong with it. Default none. */
  readonly mistakes?: Readonly<Record<string, () => unknown>>
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<OptimizerCheck>
}

/**
 * Whether an optimizer keeps its contract: it goes downhill, by what has a gradient alone, all that it remembers is in its
 * slots and its state, and a compiled step is the same step.
 *
 * @example describeOptimizer('Lion', { create: () => new Lion({ learningRate: 1e-3 }) })
 */
export function describeOptimizer(name: string, conformance: OptimizerConformance): void {
  expectKnownOptions('describeOptimizer', conformance, ['create', 'mistakes', 'skip'])
  const { create, mistakes = {}, skip = {} } = conformance
  const check = checksOf('describeOptimizer', OPTIMIZER_CHECKS, skip)

  describe(name, () => {
    /** An optimizer that is prepared for parameters of its own. */
    const make = () => {
      expectSetUp(name)
      const optimizer = create()
      const parameters: Parameters = new Map(
        [['a', [2, 3]] as const, ['b', [4]] as const].map(([key, shape], i) => [key, tf.tidy(() => tf.variable(randomTensor([...shape], 21 + i)))] as const),
      )
      optimizer.prepare(parameters)
      const free = () => {
        optimizer.dispose()
        tf.dispose([...parameters.values()])
      }
      return { optimizer, parameters, free }
    }
    type Made = ReturnType<typeof make>
    const gradientsAt = (step: number, names = ['a', 'b']) =>
      new Map([['a', [2, 3]] as const, ['b', [4]] as const].filter(([key]) => names.includes(key)).map(([key, shape]) => [key, randomTensor([...shape], 100 + step)] as const))
    const take = ({ optimizer, parameters }: Made, step: number, names?: string[]) => {
      tf.tidy(() => {
        optimizer.apply(parameters, gradientsAt(step, names))
      })
    }
    const valuesOf = (variables: Parameters) => new Map([...variables].map(([key, variable]) => [key, variable.dataSync().slice() as Float32Array]))
    const expectValues = (what: string, variables: Parameters, wanted: ReadonlyMap<string, Float32Array>, as: string, tolerance = exactly) => {
      for (const [key, variable] of variables) {
        expectNumbers({ what: `"${key}" ${what}`, actual: variable.dataSync() as Float32Array, wanted: wanted.get(key) ?? [], as, shape: variable.shape, tolerance })
      }
    }

    check('descent', () => {
      const made = make()
      const squares = () => tf.addN([...made.parameters.values()].map((variable) => tf.sum(tf.square(variable))))
      const before = squares().dataSync()[0]!
      for (let step = 0; step < 30; step++) {
        tf.tidy(() => {
          made.optimizer.apply(made.parameters, new Map([...made.parameters].map(([key, variable]) => [key, tf.mul(variable, 2)])))
        })
      }
      const after = squares().dataSync()[0]!
      expectThat(after < before, { what: 'the sum of squares after 30 steps along its gradient', wanted: `less than ${before}`, got: String(after) })
      made.free()
    })

    check('absent', () => {
      const made = make()
      take(made, 0)
      const before = valuesOf(made.parameters).get('b')!
      for (let step = 1; step < 4; step++) take(made, step, ['a'])
      const b = new Map([['b', made.parameters.get('b')!]])
      expectValues('after steps with a gradient of "a" alone', b, new Map([['b', before]]), 'before them')
      made.free()
    })

    check('learningRate', () => {
      const made = make()
      made.optimizer.learningRate = 0.25
      expectThat(made.optimizer.learningRate === 0.25, { what: '`learningRate`, set to 0.25', wanted: '0.25', got: String(made.optimizer.learningRate) })
      take(made, 0)
      made.optimizer.learningRate = 0
      const before = valuesOf(made.parameters)
      take(made, 1)
      expectValues('after a step with the learning rate 0', made.parameters, before, 'before it')
      made.optimizer.learningRate = 0.25
      take(made, 2)
      const hasMoved = [...made.parameters].some(([key, variable]) => variable.dataSync().some((value, i) => value !== before.get(key)![i]))
      expectThat(hasMoved, { what: 'parameters after a step with the learning rate 0.25 again', wanted: 'others than before it', got: 'the same' })
      made.free()
    })

    check('prepare', () => {
      const made = make()
      const before = [...made.optimizer.slots.keys()].join(', ')
      take(made, 0)
      const after = [...made.optimizer.slots.keys()].join(', ')
      expectThat(after === before, { what: 'slots after the first step', wanted: `those that prepare() made: ${before || 'none'}`, got: after || 'none' })
      made.free()
    })

    check('prepareAgain', () => {
      const made = make()
      take(made, 0)
      const before = valuesOf(made.optimizer.slots)
      made.optimizer.prepare(made.parameters)
      expectValues('of the slots after a second prepare()', made.optimizer.slots, before, 'before it')
      made.free()
    })

    check('variables', () => {
      const watch = new VariableWatch()
      const made = make()
      take(made, 0)
      watch.expectOwned(made.optimizer, { slots: made.optimizer.slots, parameters: made.parameters })
      made.free()
    })

    check('restore', () => {
      const [used, fresh] = [make(), make()]
      used.optimizer.learningRate = 0.125
      for (let step = 0; step < 3; step++) take(used, step)
      for (const [key, variable] of fresh.parameters) variable.assign(tf.clone(used.parameters.get(key)! as tf.Tensor))
      expectStateReturns(used.optimizer, fresh.optimizer)
      expectThat(fresh.optimizer.learningRate === 0.125, { what: '`learningRate` after restore()', wanted: '0.125, as saved', got: String(fresh.optimizer.learningRate) })
      for (let step = 3; step < 6; step++) {
        take(used, step)
        take(fresh, step)
      }
      expectValues('three steps after restore()', fresh.parameters, valuesOf(used.parameters), 'without it')
      used.free()
      fresh.free()
    })

    check('ownership', () => {
      const [used, fresh] = [make(), make()]
      take(used, 0)
      const tensors = new Map([...(used.optimizer.state().tensors ?? [])].map(([key, tensor]) => [key, tf.clone(tensor)]))
      fresh.optimizer.restore(throughFile({ ...used.optimizer.state(), tensors }))
      tf.dispose([...tensors.values()])
      used.free()
      const lost = [...fresh.optimizer.slots].find(([, slot]) => slot.isDisposed)
      expectThat(lost === undefined, { what: `the slot "${lost?.[0]}" after the state that was restored was freed`, wanted: 'to be a copy', got: 'one that was disposed' })
      take(fresh, 1)
      fresh.free()
    })

    check('badState', () => {
      const made = make()
      take(made, 0)
      const [slots, rate] = [valuesOf(made.optimizer.slots), made.optimizer.learningRate]
      const unlike = { values: { kind: 'another' }, tensors: new Map([['a.another', tf.zeros([1])]]) }
      expectRefused('a state without values', () => {
        made.optimizer.restore({})
      }, 'ML_STATE')
      expectRefused('a state with slots of another optimizer', () => {
        made.optimizer.restore(unlike)
      }, 'ML_STATE')
      expectValues('of the slots after a restore() that was refused', made.optimizer.slots, slots, 'before it')
      expectThat(made.optimizer.learningRate === rate, { what: '`learningRate` after a restore() that was refused', wanted: String(rate), got: String(made.optimizer.learningRate) })
      made.free()
    })

    check('leaks', () => {
      const made = make()
      expectNoLeak('apply()', 50, () => {
        take(made, 1)
        return []
      })
      made.free()
    })

    check('dispose', () => {
      expectBalance('an optimizer that was made, used and disposed', () => {
        const made = make()
        take(made, 0)
        made.free()
      })
    })

    check('hostReads', () => {
      const made = make()
      refusingReads(() => {
        take(made, 0)
      })
      made.free()
    })

    check('compile', () => {
      const [alone, whole] = [make(), make()]
      const compiled = stepCompiler()!((a, b) => {
        whole.optimizer.apply(whole.parameters, new Map([['a', a!], ['b', b!]]))
        return [...whole.parameters.values()].map((variable) => tf.add(variable, 0))
      }, { name, fallback: 'throw' })
      for (let step = 0; step < 4; step++) {
        const gradients = gradientsAt(step)
        const values = compiled(gradients.get('a')!, gradients.get('b')!)
        take(alone, step)
        for (const [i, [key, variable]] of [...alone.parameters].entries()) {
          expectSame(`"${key}" after compiled step ${step + 1}`, values[i]!, variable as tf.Tensor, 'operation by operation')
        }
      }
      compiled.dispose()
      alone.free()
      whole.free()
    }, { unavailable: noCompiler() })

    for (const [mistake, attempt] of Object.entries(mistakes)) check('mistakes', () => {
      expectRefused(mistake, attempt)
    }, { of: mistake })
  })
}
