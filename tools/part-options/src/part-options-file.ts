import { fileURLToPath } from 'node:url'
import { describeParts } from './describe-parts.js'

/** Where experiments keep what parts say of their options. */
export const PART_OPTIONS_FILE = fileURLToPath(new URL('../../../packages/experiments/data/part-options.json', import.meta.url))

/** What should be there. */
export const partOptionsFile = (): string => `${JSON.stringify(describeParts(), undefined, 1)}\n`
