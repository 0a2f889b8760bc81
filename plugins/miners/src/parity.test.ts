import * as distances from '@metric-learning/distances'
import { describeGolden } from '@metric-learning/golden/describe-golden'
import * as miners from './index.js'

describeGolden('miners', { ...distances, ...miners })
