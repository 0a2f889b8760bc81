export * from './global-embedding-space-tester.js'
export * from './tester-options.js'
