export type { Sprites, TensorBoardOptions } from './tensor-board-options.js'
export { tensorBoard } from './tensor-board.js'
