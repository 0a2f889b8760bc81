import { DATA_SETS } from './data-sets.js'
import { EMBEDDERS, SCHEMES, TRUNKS } from './networks.js'
import { DISTANCES, LOSSES, MINERS, REDUCERS, REGULARIZERS } from './objectives.js'
import { ACCURACY_CALCULATORS, CLUSTERINGS, METRICS, OPTIMIZERS, PLUGINS, SAMPLERS, SHAPES, TESTERS } from './training.js'

/** Everything that a configuration can name, by kind. */
export const KINDS = {
  dataSets: DATA_SETS,
  trunks: TRUNKS,
  embedders: EMBEDDERS,
  schemes: SCHEMES,
  losses: LOSSES,
  miners: MINERS,
  distances: DISTANCES,
  reducers: REDUCERS,
  regularizers: REGULARIZERS,
  samplers: SAMPLERS,
  optimizers: OPTIMIZERS,
  shapes: SHAPES,
  plugins: PLUGINS,
  testers: TESTERS,
  accuracyCalculators: ACCURACY_CALCULATORS,
  metrics: METRICS,
  clusterings: CLUSTERINGS,
}

export type Kinds = typeof KINDS
export type Kind = keyof Kinds

/** What one of a kind is called in messages. */
export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  dataSets: 'a data set',
  trunks: 'a trunk',
  embedders: 'an embedder',
  schemes: 'a scheme',
  losses: 'a loss',
  miners: 'a miner',
  distances: 'a distance',
  reducers: 'a reducer',
  regularizers: 'a regularizer',
  samplers: 'a sampler',
  optimizers: 'an optimizer',
  shapes: 'the shape of a schedule',
  plugins: 'a plugin',
  testers: 'a tester',
  accuracyCalculators: 'an accuracy calculator',
  metrics: 'a metric',
  clusterings: 'a clustering',
}
