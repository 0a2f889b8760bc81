import * as distances from '@metric-learning/distances'
import * as reducers from '@metric-learning/reducers'
import * as regularizers from '@metric-learning/regularizers'
import { describeGolden } from '@metric-learning/golden/describe-golden'
import * as losses from './index.js'

const classes = { ...distances, ...reducers, ...regularizers, ...losses }

describeGolden('losses', classes)
// Cases with miners run in tools/parity: a plugin knows no other.
describeGolden('wrappers', classes)
