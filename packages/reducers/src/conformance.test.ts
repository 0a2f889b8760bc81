import { describeReducer } from '@metric-learning/plugin-testkit'
import * as reducers from './index.js'

const withoutTriplets = { triplet: 'an anchor has pairs, not triplets, to take the mean of' }

describeReducer('AvgNonZeroReducer', { create: () => new reducers.AvgNonZeroReducer() })
describeReducer('ClassWeightedReducer', { create: () => new reducers.ClassWeightedReducer({ weights: [0.5, 2, 1] }) })
describeReducer('DivisorReducer', { create: () => new reducers.DivisorReducer() })
describeReducer('MeanReducer', { create: () => new reducers.MeanReducer() })
describeReducer('MultipleReducers', { create: () => new reducers.MultipleReducers({ reducers: { loss: new reducers.SumReducer() } }) })
describeReducer('PerAnchorReducer', { create: () => new reducers.PerAnchorReducer(), skip: withoutTriplets })
describeReducer('SumReducer', { create: () => new reducers.SumReducer() })
describeReducer('ThresholdReducer', { create: () => new reducers.ThresholdReducer({ low: 0.15, high: 0.67 }) })
