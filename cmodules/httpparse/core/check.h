// SPDX-License-Identifier: MIT
//
// Where HP_CHECKS is defined, each public function of a parser asserts at its start that what always
// holds of the parser does hold: what the functions before it, or its owner, have left. In images none
// of this is compiled. What holds is said in tests/prove/holds.c.
#ifndef HTTPPARSE_CORE_CHECK_H
#define HTTPPARSE_CORE_CHECK_H

#include <stdbool.h>

struct hp_request;
struct hp_multipart;
struct hp_form;
struct hp_response;

// Whether the parser is in one of its states, and all that this state says is so. They read only.
bool hp_request_holds(const struct hp_request *r);
bool hp_multipart_holds(const struct hp_multipart *m);
bool hp_form_holds(const struct hp_form *f);
bool hp_response_holds(const struct hp_response *w);

// The same without the loop over the kept fields.
bool hp_request_state_holds(const struct hp_request *r);
bool hp_multipart_state_holds(const struct hp_multipart *m);

#if HP_CHECKS
// Prints what does not hold, and ends the program.
void hp_check_failed(const char *what, const char *file, int line);
#define HP_CHECK(condition) ((condition) ? (void)0 : hp_check_failed(#condition, __FILE__, __LINE__))
#else
#define HP_CHECK(condition) ((void)0)
#endif

#endif // HTTPPARSE_CORE_CHECK_H
