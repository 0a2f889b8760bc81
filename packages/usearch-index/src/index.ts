export * from './usearch-index.js'
