import { describeGolden } from '@metric-learning/golden/describe-golden'
import * as reducers from './index.js'

describeGolden('reducers', reducers)
