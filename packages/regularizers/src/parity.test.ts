import * as distances from '@metric-learning/distances'
import * as reducers from '@metric-learning/reducers'
import { describeGolden } from '@metric-learning/golden/describe-golden'
import * as regularizers from './index.js'

describeGolden('regularizers', { ...distances, ...reducers, ...regularizers })
