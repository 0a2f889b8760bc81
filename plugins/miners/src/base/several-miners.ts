import { describeValue, OptionError, type Miner } from '@metric-learning/contracts'
import { option } from '@metric-learning/ops'

/** The option of miners that compose others: two or more, as far as a list can be told. */
export const severalMiners = option.value<readonly Miner[]>('a list of miners', (who, name, miners) => {
  if (Array.isArray(miners) && miners.length >= 2) return
  const got = Array.isArray(miners) ? String(miners.length) : describeValue(miners)
  throw new OptionError({ who, wanted: `\`${name}\` to be a list of two miners or more`, got, fix: 'A miner alone needs no other around it.' })
})
