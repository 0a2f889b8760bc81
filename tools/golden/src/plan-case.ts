import { isMetricLearningError } from '@metric-learning/contracts'
import { accuracyClass, checkAccuracy, fixedAccuracy } from './check-accuracy.js'
import { checkDistance } from './check-distance.js'
import { checkLoss, lossArguments } from './check-loss.js'
import { checkMatchFinder, fixedMatchFinder } from './check-match-finder.js'
import { checkMiner } from './check-miner.js'
import { checkReducer, skipReducer } from './check-reducer.js'
import { checkRegularizer } from './check-regularizer.js'
import { checkSampler, samplerParts, skipSampler } from './check-sampler.js'
import { checkSelection, skipSelection } from './check-selection.js'
import { checkWrapper, fixedWrapper } from './check-wrapper.js'
import { missingClass, type Registry } from './construct.js'
import { GoldenMismatch } from './expect-close.js'
import { fixedLossCase } from './fixed-losses.js'
import type { GoldenCase, GoldenModule } from './golden-case.js'

/** What to do with a case: leave it out, and why; or run it, which throws when it fails. */
export type Plan =
  | { readonly skip: string }
  | {
      readonly run: () => void | Promise<void>
      /** Why PyTorch Metric Learning is wrong here; the case is checked against what is right. */
      readonly fixed?: string
    }

interface ModuleChecks {
  readonly check: (of: GoldenCase, registry: Registry) => void | Promise<void>
  /** The classes that must be there. Default: the case's own and those among its arguments. */
  readonly needs?: (of: GoldenCase) => unknown
  readonly skip?: (of: GoldenCase, registry: Registry) => string | undefined
  readonly fixed?: (of: GoldenCase) => string | undefined
}

const modules: Readonly<Record<GoldenModule, ModuleChecks>> = {
  distances: { check: checkDistance },
  reducers: { check: checkReducer, skip: skipReducer },
  regularizers: { check: checkRegularizer },
  losses: {
    check: checkLoss,
    needs: (of) => ({ class: of.class, args: lossArguments(of) }),
    fixed: (of) => fixedLossCase(of)?.why,
  },
  wrappers: { check: checkWrapper, fixed: fixedWrapper },
  miners: { check: checkMiner },
  samplers: { check: checkSampler, skip: skipSampler, needs: samplerParts },
  accuracy: { check: checkAccuracy, fixed: fixedAccuracy, needs: (of) => ({ class: accuracyClass(of), args: {} }) },
  utils: {
    check: (of, registry) => (of.class ? checkMatchFinder(of, registry) : checkSelection(of, registry)),
    skip: (of, registry) => (of.class ? undefined : skipSelection(of, registry)),
    needs: (of) => (of.class ? { class: of.class, args: of.args } : {}),
    fixed: fixedMatchFinder,
  },
}

/** How a case of a module is checked with the classes, and functions, of a registry. */
export function planCase(module: GoldenModule, of: GoldenCase, registry: Registry): Plan {
  const { check, needs, skip, fixed } = modules[module]
  const missing = missingClass(needs ? needs(of) : { class: of.class, args: of.args }, registry)
  if (missing) return { skip: `there is no ${missing} yet` }
  const reason = skip?.(of, registry)
  if (reason) return { skip: reason }
  const why = fixed?.(of)
  if (why) return { run: () => check(of, registry), fixed: why }
  if (of.expected.error) return { run: () => expectRefusal(of, () => check(of, registry)) }
  return { run: () => check(of, registry) }
}

async function expectRefusal(of: GoldenCase, action: () => void | Promise<void>): Promise<void> {
  try {
    await action()
  } catch (error) {
    if (isMetricLearningError(error)) return
    if (!(error instanceof GoldenMismatch)) throw error
  }
  const { type, message } = of.expected.error as { type: string; message: string }
  throw new GoldenMismatch(`${of.id}: nothing was refused, expected an error as ${type}${message && `: ${message}`}`)
}
