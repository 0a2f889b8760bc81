import * as distances from '@metric-learning/distances'
import * as reducers from '@metric-learning/reducers'
import { describeGolden } from '../../../tools/golden/describe-golden.js'
import * as regularizers from './index.js'

describeGolden('regularizers', { ...distances, ...reducers, ...regularizers })
