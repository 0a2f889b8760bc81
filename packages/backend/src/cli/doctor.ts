import { diagnose } from '../doctor/diagnose.js'
import { formatDiagnosis } from '../doctor/format-diagnosis.js'

/**
 * Prints what is there and what is missing.
 *
 * @returns the exit code: 0 when native TensorFlow or wasm works and nothing is broken.
 */
export async function doctor(json: boolean): Promise<number> {
  const diagnosis = await diagnose()
  console.log(json ? JSON.stringify(diagnosis, undefined, 2) : formatDiagnosis(diagnosis))
  return diagnosis.healthy ? 0 : 1
}
