// SPDX-License-Identifier: MIT

#include "chars.h"

// Bit n of word w stands for the character 32 * w + n.

// "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~"
// / DIGIT / ALPHA
const hp_charset_t hp_tchar = {0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff, 0, 0, 0, 0};

// unreserved / pct-encoded / sub-delims
const hp_charset_t hp_reg_name = {0, 0x2bff7ff2, 0x87fffffe, 0x47fffffe, 0, 0, 0, 0};

const hp_charset_t hp_ipv6 = {0, 0x07ff4000, 0x0000007e, 0x0000007e, 0, 0, 0, 0};
