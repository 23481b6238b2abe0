// SPDX-License-Identifier: MIT
// See py/runtime.h beside this.
