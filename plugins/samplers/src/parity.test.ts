import { describeGolden } from '../../../tools/golden/describe-golden.js'
import * as samplers from './index.js'

describeGolden('samplers', samplers)
