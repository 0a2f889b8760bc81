import * as tf from '@tensorflow/tfjs-core'
import { BackendError, expectOneOf, OptionError } from '@metric-learning/contracts'
import { runEagerly, watchEagerly } from './run-eagerly.js'
import {
  PRECISIONS,
  stepCompiler,
  type CompiledStep,
  type CompileOptions,
  type Precision,
  type StepFunction,
  type WatchedResults,
} from './step-compiler.js'

/** `true`: compiled where the backend can; `'require'`: an error where it can't; `false`: never. */
export type CompileMode = boolean | 'require'

/** How a {@link CompilableStep} runs. */
export interface CompilableStepOptions extends Pick<CompileOptions, 'guarded' | 'maxGraphs' | 'watched'> {
  /** Default true. */
  readonly compile?: CompileMode
  /** `'bfloat16'` exists in graphs only: it makes an error of whatever prevents one. Default `'float32'`. */
  readonly precision?: Precision
}

/**
 * A step that runs as one graph where it may and the backend can, and as it is otherwise. Either way, one that throws changes
 * no variable.
 *
 * @throws {OptionError} when an option is none of its values, or `precision` does not go with `compile`.
 */
export class CompilableStep {
  /** One compiled step for each set of facts that shape it beyond the shapes of its inputs. */
  readonly #compiled = new Map<string, CompiledStep>()
  readonly #mode: CompileMode
  readonly #precision: Precision
  readonly #options: Pick<CompileOptions, 'guarded' | 'maxGraphs' | 'watched'>

  constructor(
    private readonly name: string,
    private readonly step: StepFunction,
    { compile = true, precision = 'float32', guarded, maxGraphs, watched }: CompilableStepOptions = {},
  ) {
    const who = `The ${name}`
    expectOneOf<CompileMode>(who, 'compile', compile, [true, 'require', false])
    expectOneOf(who, 'precision', precision, PRECISIONS)
    if (precision !== 'float32' && compile === false) {
      throw new OptionError({
        who,
        wanted: `\`compile\` true or 'require' with \`precision: '${precision}'\``,
        got: 'false',
        fix: 'Only compiled steps have other precisions than float32: leave one of the two options out.',
      })
    }
    this.#mode = precision === 'float32' ? compile : 'require'
    this.#precision = precision
    this.#options = { ...(guarded && { guarded }), ...(maxGraphs !== undefined && { maxGraphs }), ...(watched && { watched }) }
  }

  /**
   * @param facts names everything that may change what the step does, besides the shapes of `inputs`
   * @throws {BackendError} when it must run as a graph and can't.
   * @throws whatever the step throws; variables are then what they were.
   */
  run(inputs: readonly tf.Tensor[], facts = ''): tf.Tensor[] {
    const compiled = this.#compiled.get(facts) ?? this.#compile(facts)
    return compiled ? compiled(...inputs) : runEagerly(this.step, inputs)
  }

  /** The same with the step's asides: of `watched`, see {@link CompileOptions.watched}. */
  watch(inputs: readonly tf.Tensor[], facts = ''): WatchedResults {
    const compiled = this.#compiled.get(facts) ?? this.#compile(facts)
    if (compiled) return compiled.watch(...inputs)
    const { watched } = this.#options
    return watched ? watchEagerly(watched, inputs) : { results: runEagerly(this.step, inputs), asides: [] }
  }

  /** Forgets what was captured. */
  clear(): void {
    for (const compiled of this.#compiled.values()) compiled.clear()
  }

  /** Has the next run of each graph see whether the step still does what was captured. */
  verify(): void {
    for (const compiled of this.#compiled.values()) compiled.verify()
  }

  dispose(): void {
    for (const compiled of this.#compiled.values()) compiled.dispose()
    this.#compiled.clear()
  }

  #compile(facts: string): CompiledStep | undefined {
    if (this.#mode === false) return undefined
    const compile = stepCompiler()
    if (compile) {
      const fallback = this.#mode === 'require' ? 'throw' : 'warn'
      const onChange = () => {
        for (const other of this.#compiled.values()) if (other !== compiled) other.verify()
      }
      const compiled = compile(this.step, { name: this.name, fallback, precision: this.#precision, onChange, ...this.#options })
      this.#compiled.set(facts, compiled)
      return compiled
    }
    if (this.#mode === 'require') throw this.#cannotCompile()
    return undefined
  }

  #cannotCompile(): BackendError {
    const isFloat32 = this.#precision === 'float32'
    return new BackendError({
      who: `The ${this.name}`,
      wanted: `a backend that compiles steps${isFloat32 ? '' : `, for \`precision: '${this.#precision}'\``}`,
      got: `the backend "${tf.getBackend()}", which does not`,
      fix: `Call useBackend('cuda') or useBackend('native-cpu') before, or leave \`${isFloat32 ? 'compile' : 'precision'}\` at its default.`,
    })
  }
}
