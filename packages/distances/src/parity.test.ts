import { describeGolden } from '@metric-learning/golden/describe-golden'
import * as distances from './index.js'

describeGolden('distances', distances)
