import { readFileSync } from 'node:fs'
import type { PartDescriptions } from './option-description.js'

/** What parts declare about themselves; written by `npm run docs:part-options`. */
export const PART_OPTIONS = JSON.parse(readFileSync(new URL('../../data/part-options.json', import.meta.url), 'utf8')) as PartDescriptions
