import * as distances from '@metric-learning/distances'
import { describeGolden } from '../../../tools/golden/describe-golden.js'
import * as miners from './index.js'

describeGolden('miners', { ...distances, ...miners })
