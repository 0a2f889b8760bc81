import { describeValue, OptionError, type Miner } from '@metric-learning/contracts'

/** @throws {OptionError} when these are not two miners or more, as far as a list can be told. */
export function expectMiners(who: string, name: string, miners: readonly Miner[]): void {
  if (Array.isArray(miners) && miners.length >= 2) return
  const got = Array.isArray(miners) ? String(miners.length) : describeValue(miners)
  throw new OptionError({ who, wanted: `\`${name}\` to be a list of two miners or more`, got, fix: 'A miner alone needs no other around it.' })
}
