import { describeGolden } from '../../../../tools/golden/describe-golden.js'

describeGolden('utils', {})
