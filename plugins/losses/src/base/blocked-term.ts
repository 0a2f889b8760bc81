import type { LossTerm, TermBlock, TermBlocks, TermUnit } from '@metric-learning/contracts'

/** A term, whole where one block takes all anchors; otherwise in blocks, of which the values are formed when they are asked for. */
export function blockedTerm(over: TermUnit, blocks: TermBlocks): LossTerm {
  const { rows, whole = [], constants = [], size } = blocks
  const form = () => blocks.compute({ rows, whole, constants })
  if (size >= rows[0]!.shape[0]!) return { over, ...form() }
  let formed: TermBlock | undefined
  const whenAsked = () => (formed ??= form())
  return {
    over,
    blocks,
    get values() {
      return whenAsked().values
    },
    get weights() {
      return whenAsked().weights
    },
    get divisor() {
      return whenAsked().divisor!
    },
  }
}
