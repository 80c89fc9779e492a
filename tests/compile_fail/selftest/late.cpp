// SPDX-License-Identifier: BSD-3-Clause
// expect: the last sentence
// within: 2
#ifdef MISTAKE
static_assert(false, "the first sentence");
static_assert(false, "the last sentence");
#endif
