// SPDX-License-Identifier: MIT
/*! This image has no rules by which its editor could colour texts, since the computer that built
it had no npm, or could not reach npm's registry. With the rules, ci/build-highlight makes a file
that takes the place of this one: the page asks for a file that every image has. */
export {};
