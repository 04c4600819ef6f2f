/** How a process makes the store under test. */
export interface StoreSource {
  readonly module: string
  readonly exportName: string
  readonly options: { readonly path: string }
}

/** What a child process is told to do, as JSON. */
export interface Task {
  readonly source: StoreSource
  readonly command: string
  readonly argument: number
}
