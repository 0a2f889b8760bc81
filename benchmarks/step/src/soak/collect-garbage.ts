import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')

/** Has JavaScript let go of what nobody holds, at once: what was not collected yet is no leak. */
export const collectGarbage = runInNewContext('gc') as () => void
