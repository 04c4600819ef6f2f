/** Has no types of its own; `rocksdb.ts` has what is used of it. */
declare module "rocksdb-native"
