/* SPDX-License-Identifier: Apache-2.0
 * Basic credentials (RFC 7617), strict: canonical base64 with its padding, UTF-8, no control
 * characters. The user ends at the first colon; the password may have more. */
#include "proto/http1_internal.h"

#include "engine/core/str.h"

#include <string.h>
#include <strings.h>

enum { PAIR_MAX = LIMIT_USER + LIMIT_PASSWORD + 2 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void wipe(void *p, size_t n)
{
	explicit_bzero(p, n);
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

static int decode(uint8_t *dst, size_t cap, const char *text)
{
	size_t len = strlen(text);
	size_t out = 0;
	if (len == 0 || len % 4 != 0)
		return ERR_FORMAT;
	for (size_t i = 0; i < len; i += 4) {
		uint8_t three[3];
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

static bool is_clean(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] < ' ' || p[i] == 0x7f)
			return false;
	}
	return str_is_utf8(p, n);
}

static int split(const uint8_t *pair, size_t len, char *user, size_t user_cap, char *password,
	size_t password_cap)
{
	const uint8_t *colon = memchr(pair, ':', len);
	if (colon == NULL || !is_clean(pair, len))
		return ERR_FORMAT;
	size_t user_len = (size_t)(colon - pair);
	size_t password_len = len - user_len - 1;
	if (user_len >= user_cap || password_len >= password_cap)
		return ERR_LIMIT;
	memcpy(user, pair, user_len);
	user[user_len] = '\0';
	memcpy(password, colon + 1, password_len);
	password[password_len] = '\0';
	return 0;
}

int http1_read_basic(
	const char *authorization, char *user, size_t user_cap, char *password, size_t password_cap)
{
	uint8_t pair[PAIR_MAX];
	if (strncasecmp(authorization, "Basic ", 6) != 0)
		return ERR_FORMAT;
	const char *text = authorization + 6 + strspn(authorization + 6, " ");
	int len = decode(pair, sizeof pair, text);
	int err = len < 0 ? len : split(pair, (size_t)len, user, user_cap, password, password_cap);
	wipe(pair, sizeof pair);
	return err;
}

int http1_put_basic(struct buf *b, const char *user, const char *password)
{
	uint8_t pair[PAIR_MAX];
	char text[(PAIR_MAX + 2) / 3 * 4 + 1];
	size_t user_len = strlen(user);
	size_t password_len = strlen(password);
	size_t len = user_len + 1 + password_len;
	size_t out = 0;
	if (strchr(user, ':') != NULL)
		return ERR_FORMAT;
	if (user_len > LIMIT_USER || password_len > LIMIT_PASSWORD)
		return ERR_LIMIT;
	memcpy(pair, user, user_len);
	pair[user_len] = ':';
	memcpy(pair + user_len + 1, password, password_len);
	int err = is_clean(pair, len) ? 0 : ERR_FORMAT;
	for (size_t i = 0; i < len && err == 0; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		unsigned bits = (unsigned)pair[i] << 16 | (n > 1 ? (unsigned)pair[i + 1] << 8 : 0) |
				(n > 2 ? pair[i + 2] : 0u);
		text[out++] = alphabet[bits >> 18];
		text[out++] = alphabet[bits >> 12 & 63];
		text[out++] = n > 1 ? alphabet[bits >> 6 & 63] : '=';
		text[out++] = n > 2 ? alphabet[bits & 63] : '=';
	}
	text[out] = '\0';
	if (err == 0)
		err = buf_put_text(b, "Basic ");
	if (err == 0)
		err = buf_put_text(b, text);
	wipe(pair, sizeof pair);
	wipe(text, sizeof text);
	return err;
}
