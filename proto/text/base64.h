/* SPDX-License-Identifier: Apache-2.0
 * Base64 (RFC 4648 section 4), strict: canonical, with its padding, no other character. Both work
 * on secrets: nothing is left behind anywhere but in dst. */
#ifndef PLATEN_TEXT_BASE64_H
#define PLATEN_TEXT_BASE64_H

#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Characters for n bytes, without a NUL. */
#define BASE64_CHARS(n) (((n) + 2) / 3 * 4)

/* Writes BASE64_CHARS(len) characters and a NUL. */
void base64_encode(char *dst, const uint8_t *bytes, size_t len);

/* How many bytes, ERR_FORMAT (also for an empty text), or ERR_LIMIT when they are more than cap. */
int base64_decode(uint8_t *dst, size_t cap, const char *text) MUST_USE;

#endif
