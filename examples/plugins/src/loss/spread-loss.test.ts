import { describeLoss } from '@metric-learning/plugin-testkit'
import { SpreadLoss } from './spread-loss.js'

describeLoss('SpreadLoss', { create: () => new SpreadLoss() })
