import { fileURLToPath } from 'node:url'
import { describeParts } from './describe-parts.js'

/** Where experiments keep what parts say of their options. */
export const PART_OPTIONS_FILE = fileURLToPath(new URL('../../../packages/experiments/src/registry/part-options.ts', import.meta.url))

/** What should be there. */
export const partOptionsFile = (): string => `import type { PartDescriptions } from './option-description.js'

/** What parts declare about themselves; written by \`npm run docs:part-options\`. */
export const PART_OPTIONS: PartDescriptions = ${JSON.stringify(describeParts(), undefined, 2)}
`
