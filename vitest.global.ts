/** Says, once per run, what repeats it. */
export function setup(): void {
  const { TIERDEX_SEED, TIERDEX_RUNS, TIERDEX_KILLS } = process.env
  console.log(
    `\n repeat with TIERDEX_SEED=${TIERDEX_SEED} TIERDEX_RUNS=${TIERDEX_RUNS} TIERDEX_KILLS=${TIERDEX_KILLS}`,
  )
}
