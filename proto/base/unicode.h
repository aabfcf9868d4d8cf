/* SPDX-License-Identifier: Apache-2.0
 * Characters of UTF-8 text by their code point. */
#ifndef PLATEN_BASE_UNICODE_H
#define PLATEN_BASE_UNICODE_H

#include "proto/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHAR_NONE = 0x110000 };

/* Removes one character from the front of t, which is not empty. CHAR_NONE for a byte that begins
 * no character (str_char_bytes). */
uint32_t text_next_char(struct text *t);

/* Inclusive ranges of characters, in order. */
struct char_range {
	uint32_t first, last;
};

bool char_is_in(uint32_t c, const struct char_range *ranges, size_t count);

#define CHAR_IS_IN(c, ranges) char_is_in(c, ranges, sizeof(ranges) / sizeof((ranges)[0]))

/* Control characters: C0, DEL, C1. */
bool char_is_control(uint32_t c);

/* Invisible or reordering characters: Unicode's category Cf, line and paragraph separators,
 * fillers, private use and noncharacters. Every output to a reader writes them as escapes. */
bool char_is_hidden(uint32_t c);

#endif
