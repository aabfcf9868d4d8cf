/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of proto/text/charset. */
#ifndef PLATEN_TEXT_CHARSET_INTERNAL_H
#define PLATEN_TEXT_CHARSET_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of a UTF-8 character that begins so, 1 to 4; 0: none begins so. */
size_t charset_utf8_len(uint8_t first);

/* Whether these bytes are the beginning of one UTF-8 character and end before it does. */
bool charset_is_cut(const uint8_t *p, size_t len);

/* UTF-8 whose bytes were taken for Latin-1, Windows-1252 or Latin-2 and encoded once more: writes
 * what it was before and returns its length, or 0 if it is not such a text. A last character that
 * was cut on the way goes. */
size_t charset_undo_twice(char *out, size_t room, const uint8_t *utf8, size_t len);

#endif
