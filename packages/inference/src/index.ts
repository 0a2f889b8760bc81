export * from './dataset-embedder.js'
export * from './embed-dataset.js'
export * from './normalize-host-rows.js'
