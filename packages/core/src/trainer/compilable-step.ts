import * as tf from '@tensorflow/tfjs-core'
import { stepCompiler, type CompiledStep, type StepFunction } from '../contracts/step-compiler.js'
import { BackendError } from '../errors/metric-learning-error.js'

/** `true`: compiled where the backend can; `'require'`: an error where it can't; `false`: never. */
export type CompileMode = boolean | 'require'

/** A step that runs as one graph where it may and the backend can, and as it is otherwise. */
export class CompilableStep {
  /** One compiled step for each set of facts that shape it beyond the shapes of its inputs. */
  readonly #compiled = new Map<string, CompiledStep>()

  constructor(
    private readonly name: string,
    private readonly step: StepFunction,
    private readonly mode: CompileMode,
  ) {}

  /** @param facts names everything that may change what the step does, besides the shapes of `inputs` */
  run(inputs: readonly tf.Tensor[], facts: string): tf.Tensor[] {
    return (this.#compiled.get(facts) ?? this.#compile(facts) ?? this.#eager)(...inputs)
  }

  clear(): void {
    for (const compiled of this.#compiled.values()) compiled.clear()
  }

  dispose(): void {
    for (const compiled of this.#compiled.values()) compiled.dispose()
    this.#compiled.clear()
  }

  readonly #eager: StepFunction = (...inputs) => tf.tidy(() => this.step(...inputs))

  #compile(facts: string): CompiledStep | undefined {
    if (this.mode === false) return undefined
    const compile = stepCompiler()
    if (compile) {
      const compiled = compile(this.step, { name: this.name, fallback: this.mode === 'require' ? 'throw' : 'warn' })
      this.#compiled.set(facts, compiled)
      return compiled
    }
    if (this.mode === 'require') {
      throw new BackendError({
        who: `The ${this.name}`,
        wanted: 'a backend that compiles steps',
        got: `the backend "${tf.getBackend()}", which does not`,
        fix: "Call useBackend('cuda') or useBackend('native-cpu') before, or leave `compile` at true.",
      })
    }
    return undefined
  }
}
