/** Before the tests that mutants are tried on: the same random cases for each, and none made smaller when it fails. */
import fc from "fast-check";

fc.configureGlobal({ seed: 1, endOnFailure: true });
