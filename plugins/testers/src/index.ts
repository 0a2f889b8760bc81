export { GlobalEmbeddingSpaceTester } from './global-embedding-space-tester.js'
export type * from './tester-options.js'
