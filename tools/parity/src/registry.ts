import * as distances from '@metric-learning/distances'
import * as evaluation from '@metric-learning/evaluation'
import * as inference from '@metric-learning/inference'
import * as losses from '@metric-learning/losses'
import * as miners from '@metric-learning/miners'
import * as ops from '@metric-learning/ops'
import * as reducers from '@metric-learning/reducers'
import * as regularizers from '@metric-learning/regularizers'
import * as samplers from '@metric-learning/samplers'

/** Everything that golden cases may be about, by name. */
export const everything: object = { ...distances, ...evaluation, ...inference, ...losses, ...miners, ...ops, ...reducers, ...regularizers, ...samplers }
