import { OptionError, ShapeError } from '@metric-learning/contracts'
import { lossesWithin, objectiveName, outputNames } from '../schemes/objective.js'
import type { OutputSizes, Outputs, Scheme, Update } from '../schemes/scheme.js'
import type { PlannedUpdate, TrainingPlan } from './training-plan.js'

/** What is known beforehand of the outputs that an update judges; `undefined`: nothing. */
export const outputSizes = (scheme: Scheme, update: Update): OutputSizes | undefined => update.outputs ?? (update.forward ? undefined : scheme.outputs)

/**
 * Checks that the objectives of an update judge outputs that there are, of sizes that their losses take, as far as the scheme says what there
 * will be.
 *
 * @throws {OptionError} that names both sides.
 */
export function expectJudgeable(scheme: Scheme, update: Update): void {
  const sizes = outputSizes(scheme, update)
  if (sizes === undefined) return
  const whose = scheme.updates ? `the update "${update.name}" of ${scheme.name}` : scheme.name
  for (const objective of update.objectives) {
    const who = `Objective "${objectiveName(objective)}"`
    const { loss } = objective
    const { of, against, mineOn } = outputNames(objective)
    const sizeOf = (field: string, name: string): number => {
      const size = sizes[name]
      if (size !== undefined) return size
      throw new OptionError({ who, wanted: `an output out of ${Object.keys(sizes).join(', ')} of ${whose}`, got: `"${name}"`, fix: `Correct \`${field}\`, or have the scheme compute it and say so in its \`outputs\`.` })
    }
    const size = sizeOf('of', of)
    const taken = lossesWithin(loss).map(({ inputSize }) => inputSize).find((inputSize) => inputSize !== undefined)
    if (taken !== undefined && taken !== size) {
      throw new OptionError({ who, wanted: `an output of ${taken} numbers, for ${loss.name}`, got: `"${of}" of ${whose}, which has ${size}`, fix: 'Make the loss for that size, or the module that computes the output for the other one.' })
    }
    if (against !== undefined) {
      const other = sizeOf('against', against)
      if (other !== size && !loss.takesOtherSizes) {
        throw new OptionError({ who, wanted: `outputs of one size to compare by ${loss.name}`, got: `"${of}" of ${size} and "${against}" of ${other} numbers, of ${whose}`, fix: 'Compare others, or give both modules one `outputSize`.' })
      }
    }
    if (mineOn) for (const [field, name] of Object.entries(mineOn)) if (name !== undefined) sizeOf(`mineOn.${field}`, name)
  }
}

/**
 * Checks that there is something to minimise in each update, where no plugin adds terms.
 *
 * @throws {OptionError} when there is none.
 */
export function expectTerms({ scheme, updates }: TrainingPlan): void {
  const idle = updates.find(({ objectives }) => objectives.length === 0)
  if (!idle) return
  throw new OptionError({
    who: scheme.updates ? `Scheme ${scheme.name}, update "${idle.name}"` : 'Trainer',
    wanted: 'at least one of `objectives`, or a plugin that taps hooks.loss',
    got: 'none',
    fix: 'Pass one, such as `{ loss: new TripletMarginLoss() }`.',
  })
}

/**
 * Checks that objectives of an update train each of its modules, as far as the scheme says what follows from which; where no plugin adds terms.
 *
 * @throws {OptionError} that names both sides.
 */
export function expectTrained({ modules }: Scheme, { name, modules: own, objectives, computedBy }: PlannedUpdate): void {
  if (computedBy === undefined) return
  const judged = objectives.flatMap((objective) => {
    const { of, against } = outputNames(objective)
    return [of, ...(against === undefined ? [] : [against])]
  })
  const trained = new Set(judged.flatMap((output) => computedBy[output] ?? own))
  const outputsOf = (module: string) => Object.keys(computedBy).filter((output) => computedBy[output]!.includes(module))
  // Of a module that no output names nothing is known.
  const idle = own.find((module) => !trained.has(module) && outputsOf(module).length > 0 && [...modules[module]!.parameters.values()].some(({ trainable }) => trainable))
  if (idle === undefined) return
  throw new OptionError({
    who: `Trainer, update "${name}"`,
    wanted: `an objective that judges what ${idle} computes: ${outputsOf(idle).join(', ')}`,
    got: objectives.map((objective) => `"${objectiveName(objective)}" of ${outputNames(objective).of}`).join(', '),
    fix: 'Have one judge that (`of`, `against`), or leave the module out of the scheme, or freeze it: `trainable = false` of its variables.',
  })
}

/**
 * Checks what a scheme computed against what it said it would.
 *
 * @throws {ShapeError} that names both sides.
 */
export function expectSizes(update: string, sizes: OutputSizes | undefined, outputs: Outputs): void {
  for (const [name, size] of Object.entries(sizes ?? {})) {
    const shape = outputs[name]?.shape
    if (shape === undefined || shape.at(-1) === size) continue
    throw new ShapeError({
      who: `Scheme, forward of update "${update}"`,
      wanted: `the output ${name} with ${size} numbers in its last axis, as \`outputs\` says`,
      got: `[${shape.join(', ')}]`,
      fix: 'Correct `outputs`, which follow from `outputSize` of modules, or what is computed.',
    })
  }
}
