import { describeGolden } from '../../../tools/golden/describe-golden.js'
import * as reducers from './index.js'

describeGolden('reducers', reducers)
