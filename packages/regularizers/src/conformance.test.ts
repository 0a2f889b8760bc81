import { describeRegularizer } from '@metric-learning/plugin-testkit'
import * as regularizers from './index.js'

describeRegularizer('CenterInvariantRegularizer', { create: () => new regularizers.CenterInvariantRegularizer() })
describeRegularizer('LpRegularizer', { create: () => new regularizers.LpRegularizer() })
describeRegularizer('RegularFaceRegularizer', { create: () => new regularizers.RegularFaceRegularizer() })
describeRegularizer('SparseCentersRegularizer', {
  create: () => new regularizers.SparseCentersRegularizer({ numClasses: 3, centersPerClass: 2 }),
  skip: { permutation: 'rows belong to classes by their numbers' },
})
describeRegularizer('ZeroMeanRegularizer', { create: () => new regularizers.ZeroMeanRegularizer() })
