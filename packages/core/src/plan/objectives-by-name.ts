import { expectKnownOptions, expectMethods, expectNumber, expectText, OptionError, type BatchSampler, type Loss } from '@metric-learning/contracts'
import { expectTakesMiner } from '@metric-learning/ops'
import { lossesWithin, objectiveName, type Objective } from '../schemes/objective.js'
import type { Update } from '../schemes/scheme.js'
import { expectVariables } from './expect-collections.js'

/**
 * The objectives of all updates, checked.
 *
 * @throws {OptionError} when two share a name, or one is not whole, or its loss, miner and outputs do not go together.
 */
export function objectivesByName(updates: readonly Update[]): ReadonlyMap<string, Objective> {
  const named = new Map<string, Objective>()
  for (const { objective, before, isShared } of updates.flatMap(({ objectives, isActive }) => objectives.map((objective, i) => ({ objective, before: objectives.slice(0, i), isShared: isActive !== undefined })))) {
    if (typeof (objective as Partial<Loss> | null)?.compute === 'function') throw bareLoss(objective as object as Loss)
    expectKnownOptions('Trainer, objectives', objective, ['name', 'loss', 'of', 'against', 'labels', 'miner', 'mineOn', 'mineAmong', 'weight', 'optimizer'])
    expectMethods('Trainer, objectives', 'loss', objective.loss, ['compute'], 'new TripletMarginLoss()')
    if (objective.miner !== undefined) expectMethods('Trainer, objectives', 'miner', objective.miner, ['mine'], 'new MultiSimilarityMiner()')
    const name = objectiveName(objective)
    expectText('Trainer, objectives', objective.name === undefined ? 'loss.name' : 'name', name, 'a name')
    expectVariables(`Objective "${name}"`, 'loss.parameters', objective.loss.parameters)
    if (objective.loss.buffers !== undefined) expectVariables(`Objective "${name}"`, 'loss.buffers', objective.loss.buffers)
    expectNumber(`Objective "${name}"`, 'weight', objective.weight ?? 1)
    expectSuited(name, objective)
    expectChoosesAmong(name, objective, before)
    if (named.has(name) && !(isShared && named.get(name) === objective && !before.includes(objective))) {
      throw new OptionError({
        who: 'Trainer',
        wanted: 'objectives with names of their own',
        got: `"${name}" twice`,
        fix: 'Objectives with equal losses want a `name` each.',
      })
    }
    named.set(name, objective)
  }
  return named
}

const bareLoss = ({ name }: Loss): OptionError =>
  new OptionError({
    who: 'Trainer, objectives',
    wanted: 'objects with a `loss`',
    got: `the loss ${name} itself`,
    fix: 'Pass `{ loss: … }`; a `miner`, a `weight` and so on stand beside it.',
  })

/** What a loss does not take is refused at once, and not in the first step. */
function expectSuited(name: string, { loss, miner, against, mineOn, labels }: Objective): void {
  const who = `Objective "${name}"`
  const refuse = (wanted: string, got: string, fix: string) => new OptionError({ who, wanted, got, fix })
  if (miner) expectTakesMiner(who, loss, miner)
  if (loss.labels === 'refused' && labels !== undefined) {
    throw refuse(`no \`labels\` with ${loss.name}, which goes by none`, `"${labels}"`, 'Leave it out.')
  }
  if (against !== undefined && loss.takesReferences === false) {
    throw refuse(`no \`against\` with ${loss.name}`, `"${against}"`, 'This loss compares a batch with itself or with its own weights.')
  }
  if (against === undefined && lossesWithin(loss).some(({ needsReferences }) => needsReferences)) {
    throw refuse(`\`against\`, what ${loss.name} compares the output \`of\` with`, 'none', "Name an output of the scheme, such as that of another view: `against: 'otherEmbeddings'`.")
  }
  if (mineOn === undefined) return
  expectKnownOptions(`${who}, mineOn`, mineOn, ['of', 'against'])
  for (const [key, output] of Object.entries(mineOn)) if (output !== undefined) expectText(`${who}, mineOn`, key, output, 'the name of an output')
  if (!miner) throw refuse('a `miner` beside `mineOn`', 'none', 'Pass one, or leave `mineOn` out.')
  if (mineOn.against !== undefined && against === undefined) {
    throw refuse('`against` beside `mineOn.against`', 'none', 'A miner selects pairs of what the loss compares: pass both, or neither.')
  }
}

/** @param before objectives of the same update that are judged before it */
function expectChoosesAmong(name: string, { miner, mineAmong }: Objective, before: readonly Objective[]): void {
  if (mineAmong === undefined) return
  const who = `Objective "${name}"`
  const mining = before.filter((objective) => objective.miner).map(objectiveName)
  if (!miner?.chooses) {
    throw new OptionError({ who, wanted: 'a `miner` that chooses among pairs beside `mineAmong`', got: miner ? miner.name : 'none', fix: 'Take `new HDCMiner()`, or leave `mineAmong` out.' })
  }
  if (mining.includes(mineAmong)) return
  throw new OptionError({
    who,
    wanted: `\`mineAmong\` to name an objective with a miner before it in the same update${mining.length > 0 ? `: ${mining.join(', ')}` : ''}`,
    got: `"${mineAmong}"`,
    fix: mining.length > 0 ? 'Correct the name.' : 'Give the objective of the stage before a miner, and a place before this one.',
  })
}

/** A batch that no step could take is refused before there is one. */
export function expectBatchSize(objectives: ReadonlyMap<string, Objective>, { name: sampler, batchSize }: BatchSampler): void {
  for (const [name, { loss }] of objectives) {
    const small = lossesWithin(loss).find(({ maxBatchSize = Infinity }) => batchSize > maxBatchSize)
    if (!small) continue
    throw new OptionError({
      who: `Objective "${name}"`,
      wanted: `batches of at most ${small.maxBatchSize} samples, for ${small.name}`,
      got: `${batchSize} of ${sampler}`,
      fix: 'Lower `batchSize`; a memory may have a larger `memorySize`.',
    })
  }
}
