import { open } from "lmdb"

interface Tree {
  readonly pageSize: number
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
}

/** Pages of an LMDB file that is not open which hold something; the others are free to be used. */
export async function lmdbUsedBytes(path: string): Promise<number> {
  const db = open({ path, readOnly: true, encoding: "binary" })
  const { free, ...main } = db.getStats() as Tree & { readonly free: Tree }
  await db.close()
  return bytesOf(main) + bytesOf(free)
}

function bytesOf(tree: Tree): number {
  return (tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages) * tree.pageSize
}
