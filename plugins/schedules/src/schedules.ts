import { expectFixedNumber, expectKnownOptions, expectOneOf, OptionError, type Plain, type Stateful } from '@metric-learning/contracts'
import type { Plugin, TappableTrainer } from '@metric-learning/core'
import { isScheduled, type Scheduled } from '@metric-learning/ops'
import { MetricWatch } from './metric-watch.js'
import type { Plateau, PlateauState } from './shapes/on-plateau.js'
import type { Shape } from './shapes/shape.js'

/**
 * What is scheduled: the learning rate of an optimizer, by its name in `trainer.optimizers` (`'trunk'`, `'embedder'`,
 * `'losses.<objective>'`), that of each (`'all'`), or a scheduled number: an objective's weight, a margin, a temperature.
 */
export type Target = string | Scheduled

/** A number and the course that it takes. */
export type Schedule =
  | {
      readonly of: Target
      readonly shape: Shape
      /** What its positions count: steps (updates) or epochs. */
      readonly by: 'step' | 'epoch'
    }
  | {
      readonly of: Target
      /** Goes by the values of its metric. */
      readonly shape: Plateau
      readonly by?: undefined
    }

/** One number of a run. */
interface Course {
  /** The scheduled number, also that which an optimizer has for its rate; else the learning rate's optimizer. */
  readonly owner: object
  read(): number
  write(value: number): void
  /** Its value when the trainer was made. */
  readonly initial: number
}

/** What a plateau remembers, and of which metric. */
interface Watched {
  readonly key: string
  readonly plateau: Plateau
  readonly watch: MetricWatch
  state: PlateauState
}

/**
 * Sets learning rates and other numbers while a run goes on. Each takes its value for position 0 before the first step, and
 * that for position k before the step (or epoch) after k steps (or epochs), as in PyTorch's loop with `scheduler.step()` at
 * the end of each. Positions are those of the run, so that a resumed one needs no memory; plateaus have one, which is saved
 * with the run.
 *
 * A number's initial value is the one that it has when the trainer is made. It belongs to its schedule from then on: what
 * others set it to lasts until the next step.
 *
 * @throws {OptionError} when an entry is malformed; when the trainer is made, also when there is no optimizer of a name, a
 * number that nothing of the run uses, or two entries are of one number; during the run, when a plateau's metric is not among those that came.
 * @example
 * schedules([
 *   { of: 'trunk', shape: warmUp(cosine({ tMax: 95 }), { totalIters: 5 }), by: 'epoch' },
 *   { of: 'embedder', shape: onPlateau({ metric: 'val/precisionAt1', mode: 'max' }) },
 *   { of: margin, shape: linear({ startFactor: 0, totalIters: 1000 }), by: 'step' },
 * ])
 */
export function schedules(list: readonly Schedule[]): Plugin & Stateful {
  const name = 'schedules'
  checkList(list)
  const watched = new Map<Schedule, Watched>()
  list.forEach((schedule, i) => {
    const { of, shape: plateau } = schedule
    if (typeof plateau === 'function') return
    const watch = new MetricWatch(name, plateau.metric, (value) => {
      entry.state = plateau.next(entry.state, value)
    })
    const entry: Watched = { key: keyOf(of, i), plateau, watch, state: plateau.begin }
    watched.set(schedule, entry)
  })

  return {
    name,
    apply(trainer) {
      const courses = coursesOf(trainer, list)
      const set = ({ epoch, step }: { readonly epoch: number; readonly step: number }): undefined => {
        for (const [schedule, numbers] of courses) {
          const entry = watched.get(schedule)
          const { shape, by } = schedule
          for (const number of numbers) {
            const value = entry
              ? entry.plateau.valueAt(entry.state, number.initial)
              : (shape as Shape)(by === 'step' ? step : epoch - 1, number.initial)
            if (value !== number.read()) number.write(value)
          }
        }
      }
      watched.forEach(({ watch }) => watch.apply(trainer, name))
      // Taps of both hooks see the numbers of the step to come; a run that goes on within an epoch has its first at batchStart.
      trainer.hooks.epochStart.tap({ name, stage: 'measure' }, set)
      trainer.hooks.batchStart.tap({ name, stage: 'measure' }, set)
    },
    state: () => ({
      values: Object.fromEntries(
        [...watched.values()].map(({ key, state, watch }) => [key, { ...state, watch: watch.state() } as Plain]),
      ),
    }),
    restore({ values = {} }) {
      for (const entry of watched.values()) {
        // A plateau that was added since then begins anew.
        if (!(entry.key in values)) continue
        const { watch, ...state } = values[entry.key] as unknown as PlateauState & { watch: Readonly<Record<string, Plain>> }
        entry.state = state
        entry.watch.restore(watch)
      }
    },
  }
}

/** What a plateau's memory is saved under. */
const keyOf = (of: Target, index: number): string => (typeof of === 'string' ? of : `${of.name} (${index})`)

function checkList(list: readonly Schedule[]): void {
  if (!Array.isArray(list)) {
    throw new OptionError({
      who: 'schedules',
      wanted: 'a list of schedules',
      got: String(list),
      fix: "Pass one such as `[{ of: 'trunk', shape: cosine({ tMax: 100 }), by: 'epoch' }]`.",
    })
  }
  list.forEach((schedule: Schedule, i) => {
    const who = `schedules[${i}]`
    expectKnownOptions(who, schedule, ['of', 'shape', 'by'])
    const { of, shape, by } = schedule
    if (typeof of !== 'string' && !isScheduled(of)) {
      throw new OptionError({
        who,
        wanted: "`of` to be an optimizer's name, 'all', or a Scheduled",
        got: String(of),
        fix: 'A plain number has no schedule: make it a `new Scheduled(value)`, and give that to whoever uses it and to the schedule.',
      })
    }
    if (typeof shape === 'function') expectOneOf(who, 'by', by, ['step', 'epoch'])
    else if (typeof shape === 'object' && shape !== null && typeof shape.next === 'function') expectOneOf(who, 'by', by, [undefined])
    else {
      throw new OptionError({
        who,
        wanted: '`shape` to be a function of position and initial value, or a plateau',
        got: String(shape),
        fix: 'Pass one such as `cosine({ tMax: 100 })` or `onPlateau({ … })`.',
      })
    }
  })
}

/** The numbers of each schedule; none is there twice. */
function coursesOf(trainer: TappableTrainer, list: readonly Schedule[]): ReadonlyMap<Schedule, readonly Course[]> {
  const taken = new Map<object, number>()
  return new Map(
    list.map((schedule, i) => {
      const courses = typeof schedule.of === 'string' ? ratesOf(trainer, schedule.of, i) : [courseOf(trainer, schedule.of, i)]
      for (const { owner, initial } of courses) {
        const other = taken.get(owner)
        if (other !== undefined) throw scheduledTwice(list, other, i)
        taken.set(owner, i)
        if (typeof schedule.shape === 'function') expectFixedNumber(`schedules[${i}]`, 'shape(0, initial)', schedule.shape(0, initial))
      }
      return [schedule, courses]
    }),
  )
}

function ratesOf(trainer: TappableTrainer, name: string, index: number): readonly Course[] {
  const { optimizers } = trainer
  const chosen = name === 'all' ? [...optimizers.values()] : [optimizers.get(name)]
  const courses = chosen.map((optimizer): Course => {
    if (!optimizer) {
      throw new OptionError({
        who: `schedules[${index}]`,
        wanted: `\`of\` to be one of all, ${[...optimizers.keys()].join(', ')}`,
        got: `"${name}"`,
        fix: 'Name an optimizer that there is; those of losses exist where the loss has parameters.',
      })
    }
    return {
      owner: (optimizer as { readonly rate?: object }).rate ?? optimizer,
      initial: optimizer.learningRate,
      read: () => optimizer.learningRate,
      write: (value) => {
        optimizer.learningRate = value
      },
    }
  })
  // Optimizers may share a rate.
  return [...new Map(courses.map((course) => [course.owner, course])).values()]
}

function courseOf(trainer: TappableTrainer, number: Scheduled, index: number): Course {
  expectUsed(trainer, number, index)
  return {
    owner: number,
    initial: number.value,
    read: () => number.value,
    write: (value) => {
      number.value = value
    },
  }
}

/** A number that nobody uses would change nothing, and nothing would say so. */
function expectUsed({ scheduled, optimizers }: TappableTrainer, number: Scheduled, index: number): void {
  const rates = [...optimizers.values()].map((optimizer) => (optimizer as { readonly rate?: unknown }).rate)
  if (rates.includes(number) || [...scheduled.values()].includes(number)) return
  throw new OptionError({
    who: `schedules[${index}]`,
    wanted: `\`of\` to be a number that the run uses${scheduled.size > 0 ? `: ${[...scheduled.keys()].join(', ')}` : ', of which it has none'}`,
    got: `${number.name}, which nothing of it has in a public field`,
    fix: 'Give it to the loss, miner, objective, optimizer, sampler or plugin that is to use it; a part of your own keeps it in a public field, where the run finds it to save it.',
  })
}

const scheduledTwice = (list: readonly Schedule[], first: number, second: number): OptionError => {
  const shown = [first, second].map((i) => {
    const { of } = list[i]!
    return `schedules[${i}] of ${typeof of === 'string' ? `'${of}'` : of.name}`
  })
  return new OptionError({
    who: 'schedules',
    wanted: 'one schedule for each number',
    got: `two for one, ${shown.join(' and ')}`,
    fix: 'Leave one out, or join their shapes with `chained` or `warmUp`.',
  })
}
