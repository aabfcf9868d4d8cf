/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/text/base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(char *dst, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		unsigned bits = (unsigned)bytes[i] << 16 |
				(n > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
				(n > 2 ? bytes[i + 2] : 0u);
		*dst++ = alphabet[bits >> 18];
		*dst++ = alphabet[bits >> 12 & 63];
		*dst++ = n > 1 ? alphabet[bits >> 6 & 63] : '=';
		*dst++ = n > 2 ? alphabet[bits & 63] : '=';
	}
	*dst = '\0';
}

static int digit(char c)
{
	const char *at = c != '\0' ? strchr(alphabet, c) : NULL;
	return at != NULL ? (int)(at - alphabet) : -1;
}

/* Four characters to one to three bytes; returns how many, or ERR_FORMAT. */
static int decode_four(uint8_t dst[3], const char *src)
{
	int a = digit(src[0]);
	int b = digit(src[1]);
	int c = src[2] == '=' ? 0 : digit(src[2]);
	int d = src[3] == '=' ? 0 : digit(src[3]);
	if (a < 0 || b < 0 || c < 0 || d < 0 || (src[2] == '=' && src[3] != '='))
		return ERR_FORMAT;
	int n = src[2] == '=' ? 1 : src[3] == '=' ? 2 : 3;
	/* Bits that no byte uses must be zero: each text has one encoding. */
	if ((n == 1 && (b & 15) != 0) || (n == 2 && (c & 3) != 0))
		return ERR_FORMAT;
	dst[0] = (uint8_t)(a << 2 | b >> 4);
	dst[1] = (uint8_t)(b << 4 | c >> 2);
	dst[2] = (uint8_t)(c << 6 | d);
	return n;
}

static int decode_all(uint8_t *dst, size_t cap, const char *text, size_t len, uint8_t three[3])
{
	size_t out = 0;
	for (size_t i = 0; i < len; i += 4) {
		int n = decode_four(three, text + i);
		if (n < 0 || (n < 3 && i + 4 != len))
			return ERR_FORMAT;
		if ((size_t)n > cap - out)
			return ERR_LIMIT;
		memcpy(dst + out, three, (size_t)n);
		out += (size_t)n;
	}
	return (int)out;
}

int base64_decode(uint8_t *dst, size_t cap, const char *text)
{
	size_t len = strlen(text);
	uint8_t three[3];
	if (len == 0 || len % 4 != 0)
		return ERR_FORMAT;
	int n = decode_all(dst, cap, text, len, three);
	explicit_bzero(three, sizeof three);
	return n;
}
