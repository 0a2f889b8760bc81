import { describeGolden } from '../../../tools/golden/describe-golden.js'
import * as distances from './index.js'

describeGolden('distances', distances)
