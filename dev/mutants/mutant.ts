/** One small change of the index that makes it wrong: the tests must notice. */
export interface Mutant {
  /** Unique: says what the index then does. */
  readonly name: string;
  /** Beside the project's root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}
