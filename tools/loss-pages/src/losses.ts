import type { Loss } from '@metric-learning/contracts'
import * as exported from '@metric-learning/losses'
import { readLossSources, type LossSource } from './loss-source.js'

/** What is said of an option where it is declared. */
export interface DeclaredOption {
  readonly presence: 'defaulted' | 'optional' | 'required'
  readonly default?: unknown
  readonly takes: string
  readonly isSchedulable: boolean
}

/** A loss or a wrapper: its class, and what its source says. */
export interface DocumentedLoss {
  readonly name: string
  readonly declaredOptions: Readonly<Record<string, DeclaredOption>>
  readonly source: LossSource
  /** A wrapper is made of losses. */
  readonly isWrapper: boolean
  /** What has to be passed, in an example. */
  readonly required: Readonly<Record<string, unknown>>
  make(options?: Readonly<Record<string, unknown>>): Loss
}

/** Size of an embedding in examples. */
export const embeddingSize = 64

/** What is passed for options that have no default, in examples and plots. */
const examples: Readonly<Record<string, unknown>> = {
  numClasses: 100,
  embeddingSize,
  descriptorsDim: embeddingSize,
  l: embeddingSize,
  margin: 0.4,
  Tn: 10,
}

/** All that `@metric-learning/losses` exports, by name. */
export function documentedLosses(): readonly DocumentedLoss[] {
  const sources = readLossSources()
  return Object.entries(exported as Readonly<Record<string, unknown>>)
    .filter((entry): entry is [string, LossClass] => typeof entry[1] === 'function' && 'declaredOptions' in entry[1])
    .sort(([one], [other]) => (one.toLowerCase() < other.toLowerCase() ? -1 : 1))
    .map(([name, Class]) => {
      const { declaredOptions } = Class
      const source = sources.get(name)
      if (!source) throw new Error(`No source of ${name} is found.`)
      const missing = Object.keys(declaredOptions).filter((option) => declaredOptions[option]!.presence === 'required')
      const isWrapper = missing.includes('loss') || missing.includes('losses')
      const required = Object.fromEntries(
        missing.map((option) => {
          if (option === 'loss') return [option, new exported.NTXentLoss()]
          if (option === 'losses') return [option, [new exported.ContrastiveLoss(), new exported.TripletMarginLoss()]]
          if (!(option in examples)) throw new Error(`${name}: there is no example of \`${option}\`.`)
          return [option, examples[option]]
        }),
      )
      return { name, declaredOptions, source, isWrapper, required, make: (options) => new Class({ ...required, ...options }) }
    })
}

interface LossClass {
  readonly declaredOptions: Readonly<Record<string, DeclaredOption>>
  new (options: Readonly<Record<string, unknown>>): Loss
}
