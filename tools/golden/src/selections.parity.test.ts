import { describeGolden } from './describe-golden.js'

describeGolden('utils', {})
