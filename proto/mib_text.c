/* SPDX-License-Identifier: Apache-2.0
 * Views into what a printer said of itself. */
#include "proto/mib_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

bool mib_starts_with(struct text t, const char *word)
{
	size_t n = strlen(word);
	return t.len >= n && strncasecmp(t.p, word, n) == 0;
}

struct text mib_trimmed(struct text t)
{
	while (t.len > 0 && isspace((unsigned char)t.p[0])) {
		t.p++;
		t.len--;
	}
	while (t.len > 0 && isspace((unsigned char)t.p[t.len - 1]))
		t.len--;
	return t;
}

struct text mib_up_to(struct text t, char end)
{
	const char *at = t.len > 0 ? memchr(t.p, end, t.len) : NULL;
	if (at != NULL)
		t.len = (size_t)(at - t.p);
	return t;
}

struct text mib_after(struct text t, char end)
{
	const char *at = t.len > 0 ? memchr(t.p, end, t.len) : NULL;
	if (at == NULL)
		return (struct text){NULL, 0};
	size_t gone = (size_t)(at - t.p) + 1;
	return (struct text){t.p + gone, t.len - gone};
}

bool mib_has_digit(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (isdigit((unsigned char)t.p[i]))
			return true;
	}
	return false;
}

/* Views into longer texts of the same arena have no NUL behind them, so they are copied. */
struct text mib_own(struct reading *r, struct text t)
{
	if (t.len == 0)
		return (struct text){NULL, 0};
	return reading_text(r, (const uint8_t *)t.p, t.len, LIMIT_TEXT);
}

struct text mib_lower(struct reading *r, struct text t)
{
	char low[LIMIT_TEXT_SHORT];
	size_t n = t.len < sizeof low ? t.len : sizeof low;
	for (size_t i = 0; i < n; i++)
		low[i] = (char)tolower((unsigned char)t.p[i]);
	return reading_text(r, (const uint8_t *)low, n, LIMIT_TEXT_SHORT);
}

bool mib_split_version(struct text t, struct text *name, struct text *version)
{
	t = mib_trimmed(t);
	size_t cut = t.len;
	while (cut > 0 && t.p[cut - 1] != ' ')
		cut--;
	if (cut == 0) { /* "ESS1.2.3": where the first digit is */
		while (cut < t.len && !isdigit((unsigned char)t.p[cut]))
			cut++;
	}
	*name = mib_trimmed((struct text){t.p, cut});
	*version = mib_trimmed((struct text){t.p + cut, t.len - cut});
	return name->len > 0 && mib_has_digit(*version); /* "FI ------": not fitted */
}
