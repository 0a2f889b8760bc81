import { fileURLToPath } from 'node:url'

/** The root of the checkout, with a slash. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))
