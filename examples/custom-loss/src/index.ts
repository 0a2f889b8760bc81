export * from './spread-loss.js'
