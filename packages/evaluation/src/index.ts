export * from './embeddings/embedding-matrix.js'
export * from './neighbours/exact-knn.js'
export * from './neighbours/knn.js'
export type { KnnDistance } from './neighbours/tile-scorer.js'
