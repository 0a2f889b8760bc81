export * from './tensor-board.js'
export type { Sprites, TensorBoardOptions } from './tensor-board-options.js'
