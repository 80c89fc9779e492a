// SPDX-License-Identifier: BSD-3-Clause
// expect: the mistake
#ifdef MISTAKE
static_assert(false, "the mistake");
#else
static_assert(false, "no better");
#endif
