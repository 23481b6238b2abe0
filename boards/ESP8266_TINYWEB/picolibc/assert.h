// SPDX-License-Identifier: MIT
// The port defines __assert(file, line, expr) itself, with other parameters than
// picolibc's header declares. This header stands before it and declares neither.
#undef assert
#ifdef NDEBUG
#define assert(expr) ((void)0)
#else
void __assert_func(const char *file, int line, const char *func, const char *expr)
__attribute__((noreturn));
#define assert(expr) ((expr) ? (void)0 : __assert_func(__FILE__, __LINE__, __func__, #expr))
#endif
