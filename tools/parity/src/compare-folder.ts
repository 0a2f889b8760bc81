import * as tf from '@tensorflow/tfjs-core'
import { type Registry, goldenModules, type GoldenModule, planCase, readGolden } from '@metric-learning/golden'

/** How the cases of a module came out. */
export interface ModuleReport {
  readonly module: GoldenModule
  /** Cases that give what PyTorch Metric Learning gives. */
  readonly passed: number
  /** Cases in which PyTorch Metric Learning is wrong, and that give what is right. */
  readonly fixed: number
  /** One line for each case that fails, with its largest deviation. */
  readonly failures: readonly string[]
  /** How many cases were left out, by the reason. */
  readonly skipped: ReadonlyMap<string, number>
}

/** Runs all cases of a folder of golden files, module by module. */
export async function* compareFolder(folder: string, classes: object): AsyncGenerator<ModuleReport> {
  for (const module of goldenModules) yield compareModule(module, folder, classes as Registry)
}

async function compareModule(module: GoldenModule, folder: string, registry: Registry): Promise<ModuleReport> {
  const failures: string[] = []
  const skipped = new Map<string, number>()
  let [passed, fixed] = [0, 0]
  for (const of of readGolden(module, folder)) {
    const scope = tf.engine()
    scope.startScope()
    try {
      const plan = planCase(module, of, registry)
      if ('run' in plan) await plan.run()
      if ('skip' in plan) skipped.set(plan.skip, (skipped.get(plan.skip) ?? 0) + 1)
      else if (plan.fixed) fixed += 1
      else passed += 1
    } catch (error) {
      failures.push(oneLine(of.id, error))
    } finally {
      scope.endScope()
    }
  }
  return { module, passed, fixed, failures, skipped }
}

function oneLine(id: string, error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0]!
  return message.startsWith(id) ? message : `${id}: ${message}`
}
