import { availableParallelism, totalmem } from 'node:os'

/** What a test file with native TensorFlow takes, at most. */
const gibibytes = 2

/**
 * How many test files run at a time: one for each processor, as far as memory goes, or METRIC_LEARNING_TEST_WORKERS.
 *
 * @param {{ processors?: number, bytes?: number, wanted?: string }} [machine] that of this process by default
 * @returns {number}
 */
export function testWorkers({ processors = availableParallelism(), bytes = ownMemory(), wanted = process.env.METRIC_LEARNING_TEST_WORKERS } = {}) {
  if (wanted === undefined || wanted === '') return Math.max(1, Math.min(processors, Math.floor(bytes / (gibibytes * 2 ** 30))))
  const count = Number(wanted)
  if (Number.isInteger(count) && count >= 1) return count
  throw new Error(`METRIC_LEARNING_TEST_WORKERS: wanted an integer of at least 1, got '${wanted}'. Leave it out for what suits this machine.`)
}

/** That of the machine, or of the container where that has less. */
function ownMemory() {
  const limit = process.constrainedMemory?.() || Infinity
  return Math.min(totalmem(), limit)
}
