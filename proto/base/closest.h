/* SPDX-License-Identifier: Apache-2.0
 * Which word was meant: for messages about misspelt keys. */
#ifndef PLATEN_BASE_CLOSEST_H
#define PLATEN_BASE_CLOSEST_H

#include <stddef.h>

/* Letters to change, add, drop or swap to make b of a; more than `most` comes back as most + 1. */
unsigned closest_distance(const char *a, size_t a_len, const char *b, size_t b_len, unsigned most);

/* The word that is nearest to the name, or NULL if none is near. */
const char *closest_word(const char *name, size_t len, const char *const *words, size_t count);

#endif
