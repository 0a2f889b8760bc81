import { z } from 'zod'
import { describeValue } from '@metric-learning/contracts'
import type { Kind } from '../registry/kinds.js'
import { suggestion } from '../registry/nearest-word.js'
import type { PartSpec, Registry } from '../registry/registry.js'
import { BASELINES } from '../run/results.js'

/** What is wrong with a field, beside what zod itself says. */
export interface Fault {
  readonly wanted: string
  readonly got: string
  readonly fix: string
}

const RANGES = ['uniform', 'logUniform', 'integer', 'choice'] as const

/** Whether a value is one that a search draws. */
export const isRange = (value: unknown): value is Readonly<Record<(typeof RANGES)[number], readonly (string | number | boolean)[]>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 1 && RANGES.includes(Object.keys(value)[0] as never)

/** Fields by name; an unknown one is refused, with the nearest that is known. */
const fields = <S extends z.ZodRawShape>(shape: S) =>
  z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined
      const known = Object.keys(shape)
      return issue.keys.map((key) => `\`${key}\`: there is no such field.${suggestion(key, known)} There are ${known.join(', ')}.`).join(' ')
    },
  })

/** Names of methods, each of which is that of a folder, and of a row beside those of baselines. */
function expectNames(methods: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  const refuse = (path: readonly string[], wanted: string, got: string, fix: string) => context.addIssue({ code: 'custom', path: [...path], message: wanted, params: { fault: { wanted, got, fix } satisfies Fault } })
  const names = Object.keys(methods)
  if (names.length === 0) refuse([], 'at least one method', 'none', 'Name one: methods: { Contrastive: { objectives: [{ loss: ContrastiveLoss }] } }.')
  for (const [i, name] of names.entries()) {
    const isFolder = name.trim() === name && !/^\.{0,2}$|[/\\]/.test(name)
    if (!isFolder) refuse([name], 'the name of a folder, without slash', `\`${name}\``, 'Name the method otherwise.')
    if (Object.values(BASELINES).some((taken) => taken === name)) refuse([name], 'a name that no baseline has', `\`${name}\``, 'It is that of the trunk before training, which has a row of its own. Name the method otherwise.')
    const same = names.slice(0, i).find((other) => other.toLowerCase() === name.toLowerCase())
    if (same !== undefined) refuse([name], 'names that differ in more than capitals', `\`${same}\` and \`${name}\``, 'Some disks take both for one folder. Name one otherwise.')
  }
}

/** Networks follow from 32 bits of a thousand times the seed and the fold: beyond, those of two seeds may begin alike. */
const MOST_SEED = 2 ** 28 - 1

const count = (least = 1) => z.number().int().min(least)
const share = z.number().gt(0).lt(1)
const range = z.custom<Readonly<Record<string, readonly unknown[]>>>(isRange)
const number = z.union([z.number(), range])

/** What a configuration has to look like. Names of parts and of their options are those of a registry. */
export function schemaOf(registry: Registry) {
  const part = (kind: Kind) =>
    z.custom<PartSpec>().superRefine((value, context) => {
      registry.check(kind, value, '', (path, wanted, got, fix) => {
        const fault: Fault = { wanted, got, fix }
        context.addIssue({ code: 'custom', path: path.split('.').filter((step) => step !== ''), message: wanted, params: { fault } })
      })
    })
  const objective = fields({
    loss: part('losses'),
    miner: part('miners').optional(),
    weight: number.optional(),
    optimizer: part('optimizers').optional(),
    name: z.string().min(1).optional(),
    of: z.string().min(1).optional(),
    against: z.string().min(1).optional(),
  })
  const training = {
    trunk: part('trunks'),
    weights: z.string().min(1).optional(),
    embedder: part('embedders').nullable().optional(),
    scheme: part('schemes').optional(),
    sampler: part('samplers'),
    optimizers: z.record(z.string(), part('optimizers')).optional(),
    schedules: z.array(fields({ of: z.string().min(1), shape: part('shapes'), by: z.enum(['step', 'epoch']).optional() })).optional(),
    plugins: z.array(part('plugins')).optional(),
    augmentation: z.looseObject({}).optional(),
    epochs: count(),
    chunkSize: count().optional(),
    precision: z.enum(['float32', 'bfloat16']).optional(),
  }
  const method = fields({ ...z.object(training).partial().shape, objectives: z.array(objective).min(1) })
  const search = fields({
    strategy: z.enum(['random', 'successiveHalving']),
    trials: count(),
    folds: count().optional(),
    factor: count(2).optional(),
    minEpochs: count().optional(),
    seed: z.number().int().optional(),
  })
  return fields({
    ...training,
    name: z.string().regex(/^(?!\.{1,2}$)[\w.-]+$/, 'letters, digits, `.`, `-` and `_`: it is the name of a folder'),
    data: part('dataSets'),
    split: z.union([z.literal('published'), fields({ classes: share }), fields({ samples: share })]).optional(),
    methods: z.record(z.string(), method).superRefine(expectNames),
    testers: z.array(part('testers')).min(1).optional(),
    metric: z.string().min(1).optional(),
    seeds: z.array(z.number().int().min(-MOST_SEED).max(MOST_SEED)).min(1).refine((seeds) => new Set(seeds).size === seeds.length, 'seeds that differ').optional(),
    result: z.enum(['last', 'best']).optional(),
    protocol: fields({ folds: count(2).optional(), trainFraction: share.optional(), search: search.optional() }).optional(),
    logEverySteps: count().optional(),
    unlogged: z.array(z.enum(['embeddings', 'distances', 'active', 'gradients', 'validationLoss'])).optional(),
    checkpointEverySteps: count().optional(),
    tensorBoard: z.boolean().optional(),
    backend: z.enum(['auto', 'cuda', 'native-cpu', 'wasm', 'cpu']).optional(),
  })
}

/** What is wrong, in the words of an error: the field, what was wanted there, what came. */
export function faultOf(issue: z.core.$ZodIssue, value: unknown): Fault & { readonly path: string } {
  const path = issue.path.map(String).join('.')
  if (issue.code === 'custom' && issue.params?.['fault']) return { path, ...(issue.params['fault'] as Fault) }
  const came = issue.path.reduce<unknown>((inner, key) => (inner as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key], value)
  if (issue.code === 'unrecognized_keys') return { path: [...issue.path.map(String), issue.keys[0]].join('.'), wanted: 'a field that there is', got: issue.keys.map((key) => `\`${key}\``).join(', '), fix: issue.message }
  return { path, wanted: wordsOf(issue), got: came === undefined ? 'nothing' : describeValue(came), fix: fixOf(issue, came) }
}

const KINDS_IN_WORDS: Readonly<Record<string, string>> = { int: 'an integer', number: 'a number', string: 'a text', boolean: 'true or false', array: 'a list', object: 'an object', record: 'an object of names' }

function wordsOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS_IN_WORDS[issue.expected] ?? issue.expected
    case 'too_small':
      return `${issue.origin === 'array' ? 'a list of' : issue.origin === 'string' ? 'a text of' : 'a number'} ${issue.inclusive ? `${issue.origin === 'number' || issue.origin === 'int' ? 'of ' : ''}at least` : 'above'} ${issue.minimum}`
    case 'too_big':
      return `a number ${issue.inclusive ? 'of at most' : 'below'} ${issue.maximum}`
    case 'invalid_value':
      return issue.values.map((value) => `'${String(value)}'`).join(' or ')
    case 'invalid_union':
      return issue.path.at(-1) === 'split' ? "'published', { classes: share } or { samples: share }" : 'a number, or a range such as { uniform: [0, 1] }'
    default:
      return issue.message
  }
}

function fixOf(issue: z.core.$ZodIssue, came: unknown): string {
  if (issue.code === 'invalid_value' && typeof came === 'string') return `Take one of them.${suggestion(came, issue.values.map(String))}`
  return came === undefined ? 'Add the field.' : 'Correct it.'
}
