export * from './few-shot-tester.js'
