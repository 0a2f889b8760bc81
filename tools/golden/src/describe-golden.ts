import { describe, it } from 'vitest'
import type { Registry } from './construct.js'
import type { GoldenModule } from './golden-case.js'
import { planCase } from './plan-case.js'
import { readGolden } from './read-golden.js'

/**
 * A test for each case of a module; a case that cannot be checked is skipped, and says why.
 *
 * @param classes what the cases are checked with, by name
 */
export function describeGolden(module: GoldenModule, classes: object): void {
  const registry = classes as Registry
  describe(`${module} as in PyTorch Metric Learning`, () => {
    for (const of of readGolden(module)) {
      const plan = planCase(module, of, registry)
      if ('skip' in plan) it.skip(`${of.id} (${plan.skip})`)
      else it(plan.fixed ? `${of.id} (${plan.fixed})` : of.id, plan.run)
    }
  })
}
