/* SPDX-License-Identifier: Apache-2.0
 * Basic credentials (RFC 7617), strict: canonical base64, UTF-8, no control characters. The user
 * ends at the first colon; the password may have more. */
#include "proto/http/http1.h"
#include "proto/http/http1_internal.h"

#include "proto/base/str.h"
#include "proto/text/base64.h"

#include <string.h>
#include <strings.h>

enum { PAIR_MAX = LIMIT_USER + LIMIT_PASSWORD + 2 };

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
	int len = base64_decode(pair, sizeof pair, text);
	int err = len < 0 ? len : split(pair, (size_t)len, user, user_cap, password, password_cap);
	explicit_bzero(pair, sizeof pair);
	return err;
}

void http1_put_basic(struct writer *w, const char *user, const char *password)
{
	uint8_t pair[PAIR_MAX];
	char text[BASE64_CHARS(PAIR_MAX) + 1];
	size_t user_len = strlen(user);
	size_t password_len = strlen(password);
	size_t len = user_len + 1 + password_len;
	if (strchr(user, ':') != NULL)
		writer_fail(w, ERR_FORMAT);
	if (user_len > LIMIT_USER || password_len > LIMIT_PASSWORD)
		writer_fail(w, ERR_LIMIT);
	if (w->err < 0)
		return;
	memcpy(pair, user, user_len);
	pair[user_len] = ':';
	memcpy(pair + user_len + 1, password, password_len);
	if (!is_clean(pair, len))
		writer_fail(w, ERR_FORMAT);
	base64_encode(text, pair, len);
	writer_str(w, "Basic ");
	writer_str(w, text);
	explicit_bzero(pair, sizeof pair);
	explicit_bzero(text, sizeof text);
}
