/** The longest string that is indexed, in UTF-8 bytes. */
export const MAX_STRING_BYTES = 32 * 1024

/** The most elements of an array: embeddings have more. */
export const MAX_ARRAY_LENGTH = 1024

/** The most different paths in one index. */
export const MAX_FIELDS = 1000

/** The longest path of a field, in UTF-8 bytes. */
export const MAX_PATH_BYTES = 512

/** The longest id, in UTF-8 bytes. */
export const MAX_ID_BYTES = 512

/** The largest record, in bytes as it is logged. */
export const MAX_RECORD_BYTES = 1024 * 1024
