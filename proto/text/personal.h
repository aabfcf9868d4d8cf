/* SPDX-License-Identifier: Apache-2.0
 * Personal data in texts of printers: e-mail addresses, telephone numbers, names of users and of
 * documents. Each is replaced by a word in brackets, and found by its form alone;
 * serial numbers, part numbers, models, versions and OIDs have other forms. */
#ifndef PLATEN_TEXT_PERSONAL_H
#define PLATEN_TEXT_PERSONAL_H

#include "proto/base/str.h"

/* Texts longer than this are cut. */
enum { PERSONAL_TEXT = 1024 };

/* Further words to replace by "[host]", lower case: found in any case, between characters that are
 * no letters and no digits. */
struct personal_words {
	const char (*word)[64];
	unsigned count;
};

/* Whether nothing is to be replaced: most texts. */
bool personal_is_free(struct text t, const struct personal_words *words);

/* The text with the replacements, a NUL behind, at most cap - 1 bytes of whole characters. Returns
 * the length. The result is free. words: may be NULL. */
size_t personal_replace(char *dst, size_t cap, struct text t, const struct personal_words *words);

#endif
