/** What stands below the table: where figures are not what one might wish, where the time goes and what bounds it. */
export const limits: readonly string[] = ['Made by `npm run bench:evaluation`.']
