export * from './dataset-embedder.js'
export * from './embed-dataset.js'
