/**
 * A target of the fuzzer: one parser or machine, how to make inputs for it, and what must hold for every input. Inputs
 * are written as lines of text, so that they can stand in the corpus and on a command line.
 */
import type { Arbitrary } from 'fast-check'

export interface Target<Input = unknown> {
  /** As on the command line and in fuzz/corpus. */
  readonly name: string
  /** What is fed, in a few words. */
  readonly about: string
  readonly inputs: Arbitrary<Input>
  /** @throws Violation when a property does not hold; any other exception is a finding too. */
  check(input: Input): void
  /** The input as lines without `;` and without quotes. */
  format(input: Input): string[]
  /** The inverse of {@link format}. */
  parse(lines: readonly string[]): Input
}
