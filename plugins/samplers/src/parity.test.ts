import { describeGolden } from '@metric-learning/golden/describe-golden'
import * as samplers from './index.js'

describeGolden('samplers', samplers)
