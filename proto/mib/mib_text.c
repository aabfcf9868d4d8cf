/* SPDX-License-Identifier: Apache-2.0
 * Views into the texts that a printer returns. */
#include "proto/mib/mib_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct text mib_text_before(struct text t, char end)
{
	const char *at = t.len > 0 ? memchr(t.p, end, t.len) : NULL;
	if (at != NULL)
		t.len = (size_t)(at - t.p);
	return t;
}

struct text mib_text_after(struct text t, char end)
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

/* A view into a longer text has no NUL at its end, so it is copied. */
struct text mib_copy_text(struct reading *r, struct text t)
{
	if (t.len == 0)
		return (struct text){NULL, 0};
	return reading_text(r, (const uint8_t *)t.p, t.len, LIMIT_TEXT);
}

struct text mib_copy_lower(struct reading *r, struct text t)
{
	char low[LIMIT_TEXT_SHORT];
	size_t n = t.len < sizeof low ? t.len : sizeof low;
	for (size_t i = 0; i < n; i++)
		low[i] = (char)tolower((unsigned char)t.p[i]);
	return reading_text(r, (const uint8_t *)low, n, LIMIT_TEXT_SHORT);
}

/* Whether a version begins at `at`: "1.02", "V4.01.20". */
static bool begins_version(struct text t, size_t at)
{
	if (at < t.len && (t.p[at] == 'V' || t.p[at] == 'v'))
		at++;
	return at < t.len && isdigit((unsigned char)t.p[at]);
}

/* Whether a word of a list of parts begins at `at`: "NC 118.0", "System;68.11". */
static bool begins_word(struct text t, size_t at)
{
	return at == 0 || t.p[at - 1] == ' ' || t.p[at - 1] == ';';
}

bool mib_split_version(struct text t, struct text *name, struct text *version)
{
	t = text_trimmed(t);
	size_t cut = 0, end;
	/* From the first word that begins like a version; else the last word with a digit ("FIN
	 * C18.22"). */
	while (cut < t.len && !(begins_word(t, cut) && begins_version(t, cut)))
		cut++;
	if (cut == t.len) {
		while (cut > 0 && t.p[cut - 1] != ' ')
			cut--;
	}
	for (end = cut; end < t.len && t.p[end] != ' ';)
		end++;
	if (cut == 0 && !begins_version(t, 0)) { /* "ESS1.2.3": from the first digit on */
		while (cut < t.len && !isdigit((unsigned char)t.p[cut]))
			cut++;
		end = t.len;
	}
	*version = (struct text){t.p + cut, end - cut};
	if (cut > 0 && t.p[cut - 1] == ';')
		cut--;
	*name = text_trimmed((struct text){t.p, cut});
	return mib_has_digit(*version); /* "FI ------": not installed */
}

/* The number at `at` in t, after blanks, "#" and ":". Empty if it has fewer than three bytes or no
 * digit: "unknown", or the rest of "Snap-in". */
static struct text number_at(struct text t, size_t at)
{
	struct text rest = text_trimmed((struct text){t.p + at, t.len - at});
	while (rest.len > 0 && (rest.p[0] == '#' || rest.p[0] == ':'))
		rest = text_trimmed((struct text){rest.p + 1, rest.len - 1});
	size_t len = 0;
	while (len < rest.len && rest.p[len] != ';' && rest.p[len] != ',' && rest.p[len] != ' ')
		len++;
	rest.len = len;
	return len >= 3 && mib_has_digit(rest) ? rest : (struct text){NULL, 0};
}

static bool is_word_start(struct text t, size_t at)
{
	return at == 0 || !isalnum((unsigned char)t.p[at - 1]);
}

struct text mib_word_after(struct text t, const char *mark)
{
	size_t n = strlen(mark);
	for (size_t i = 0; i + n < t.len; i++) {
		if ((t.p[i] | 0x20) != (mark[0] | 0x20)) /* excludes most offsets */
			continue;
		if (!is_word_start(t, i) || strncasecmp(t.p + i, mark, n) != 0)
			continue;
		struct text number = number_at(t, i + n);
		if (number.len > 0)
			return number;
	}
	return (struct text){NULL, 0};
}

void mib_numbers_in(struct text t, struct text *part, struct text *serial)
{
	struct text slashed = {NULL, 0}; /* "S/N" */
	*part = *serial = slashed;
	for (size_t i = 0; i + 2 < t.len; i++) {
		char c = t.p[i] | 0x20;
		if ((c != 'p' && c != 's') || !is_word_start(t, i))
			continue;
		bool is_short = (t.p[i + 1] | 0x20) == 'n';
		bool is_slashed = c == 's' && t.p[i + 1] == '/' && (t.p[i + 2] | 0x20) == 'n';
		struct text *to = !is_short ? &slashed : c == 'p' ? part : serial;
		if ((is_short || is_slashed) && to->len == 0)
			*to = number_at(t, i + (is_short ? 2 : 3));
	}
	if (serial->len == 0)
		*serial = slashed;
}
